package org.megalab.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.megalab.torchscript.GradientCheck;
import org.megalab.torchscript.Script;

/** The shared mathematics of moving averages and state space models. */
class DiagonalRecurrenceTest {

  private static final Script SCRIPT = Script.resource(Layer.class, "diagonal_recurrence");
  private static final int BATCH = 2;
  private static final int CHANNELS = 3;
  private static final int MODES = 4;

  private final NDManager manager = NDManager.newBaseManager();

  @AfterEach
  void free() {
    manager.close();
  }

  private NDArray filled(int n, double scale, double offset, long... shape) {
    return Filled.array(manager, n, scale, offset, shape);
  }

  /** c_re, c_im, log decay and angle. */
  private NDList coefficients() {
    return new NDList(
        filled(1, 1, 0, CHANNELS, MODES),
        filled(2, 1, 0, CHANNELS, MODES),
        filled(3, 0.02, -0.025, CHANNELS, MODES),
        filled(4, 1.5, 1.6, CHANNELS, MODES));
  }

  private NDList state() {
    return new NDList(
        filled(5, 1, 0, BATCH, CHANNELS, MODES), filled(6, 1, 0, BATCH, CHANNELS, MODES));
  }

  private static NDList run(String form, NDArray x, NDList c, NDList state, Object... more) {
    Object[] arguments = new Object[6 + more.length];
    arguments[0] = x;
    for (int i = 0; i < 4; i++) {
      arguments[1 + i] = c.get(i);
    }
    arguments[5] = state;
    System.arraycopy(more, 0, arguments, 6, more.length);
    return SCRIPT.callAll(form, false, arguments);
  }

  private static void assertSame(NDList actual, NDList expected) {
    for (int i = 0; i < expected.size(); i++) {
      assertThat(actual.get(i).getShape()).isEqualTo(expected.get(i).getShape());
      assertThat(actual.get(i).sub(expected.get(i)).abs().max().getDouble()).isLessThan(1e-12);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 16, 33, 64, 101})
  void blocksAndConvolutionAreTheRecurrence(int length) {
    NDArray x = filled(7, 1, 0, BATCH, CHANNELS, length);
    NDList c = coefficients();
    NDList stepwise = run("steps", x, c, state());
    for (int block : new int[] {1, 5, 16, 128}) {
      assertSame(run("blocks", x, c, state(), block), stepwise);
    }
    assertSame(run("forward", x, c, state()), stepwise);
    NDList zeros = new NDList(state().get(0).mul(0), state().get(1).mul(0));
    NDArray fresh = run("steps", x, c, zeros).get(0);
    NDArray k = SCRIPT.call("kernel", false, c.get(0), c.get(1), c.get(2), c.get(3), length);
    assertThat(k.getShape()).isEqualTo(new Shape(CHANNELS, length));
    assertSame(new NDList(SCRIPT.call("convolve", false, x, k)), new NDList(fresh));
    assertSame(run("forward", x, c, new NDList()), new NDList(fresh));
  }

  @Test
  void partsWithTheirStateAreTheWhole() {
    NDArray x = filled(7, 1, 0, BATCH, CHANNELS, 300);
    NDList c = coefficients();
    NDList whole = run("forward", x, c, state());
    NDList carried = state();
    NDList parts = new NDList();
    int from = 0;
    for (int to : new int[] {1, 3, 130, 131, 200, 300}) {
      NDList results = run("forward", x.get(":, :, {}:{}", from, to), c, carried);
      parts.add(results.get(0));
      carried = new NDList(results.subList(1, 3));
      from = to;
    }
    assertSame(new NDList(NDArrays.concat(parts, 2), carried.get(0), carried.get(1)), whole);
  }

  @Test
  void longSequencesWithoutAStateAreTheRecurrence() {
    NDArray x = filled(7, 1, 0, 1, CHANNELS, 1500); // beyond where the FFT is taken
    NDList c = coefficients();
    NDArray k = SCRIPT.call("kernel", false, c.get(0), c.get(1), c.get(2), c.get(3), 1500);
    assertSame(
        run("forward", x, c, new NDList()), new NDList(SCRIPT.call("convolve", false, x, k)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"blocks", "steps"})
  void gradientsAgreeWithFiniteDifferences(String form) {
    NDList leaves = coefficients();
    leaves.addAll(state());
    leaves.add(filled(7, 1, 0, BATCH, CHANNELS, 19));
    double worst =
        GradientCheck.worst(
            p -> {
              NDList state = new NDList(p.get(4), p.get(5));
              NDList all =
                  form.equals("blocks")
                      ? SCRIPT.callAll(
                          form, true, p.get(6), p.get(0), p.get(1), p.get(2), p.get(3), state, 8)
                      : SCRIPT.callAll(
                          form, true, p.get(6), p.get(0), p.get(1), p.get(2), p.get(3), state);
              return NDArrays.concat(
                  new NDList(all.get(0).flatten(), all.get(1).flatten(), all.get(2).flatten()));
            },
            leaves,
            12);
    assertThat(worst).isLessThan(1e-6);
  }

  /**
   * Angles of a million steps: a float32 kernel of slow modes against the same kernel worked out
   * term by term in double precision.
   */
  @Test
  void anglesStayAccurateAtAMillionSteps() {
    int length = 1 << 20;
    double[] decay = {-1e-7, -3e-7, -1e-6, -2e-6};
    double[] angle = {0.3, 1.1, 2.9, 6.2};
    NDArray re = manager.create(new float[] {1f, -0.5f, 0.25f, 0.75f}, new Shape(1, 4));
    NDArray im = manager.create(new float[] {0.5f, 0.25f, -1f, 0.125f}, new Shape(1, 4));
    float[] k =
        SCRIPT
            .call(
                "kernel",
                false,
                re,
                im,
                manager.create(decay, new Shape(1, 4)),
                manager.create(angle, new Shape(1, 4)),
                length)
            .toFloatArray();
    double difference = 0;
    double norm = 0;
    double naive = 0;
    for (int j = length - 4096; j < length; j++) {
      double exact = 0;
      double single = 0;
      for (int n = 0; n < 4; n++) {
        double r = Math.exp(decay[n] * j);
        double a = re.getFloat(0, n);
        double b = im.getFloat(0, n);
        exact += r * (a * Math.cos(angle[n] * j) - b * Math.sin(angle[n] * j));
        float rounded = (float) angle[n] * j; // the angle as float32 holds it
        single += r * (a * Math.cos(rounded) - b * Math.sin(rounded));
      }
      difference += (k[j] - exact) * (k[j] - exact);
      naive += (single - exact) * (single - exact);
      norm += exact * exact;
    }
    double error = Math.sqrt(difference / norm);
    System.out.printf(
        Locale.ROOT,
        "kernel at steps %d to %d: relative error %.1e; with float32 angles it would be %.1e%n",
        length - 4096,
        length,
        error,
        Math.sqrt(naive / norm));
    assertThat(error).isLessThan(5e-7);
    assertThat(Math.sqrt(naive / norm)).isGreaterThan(1e-2);
  }

  /** A float32 stream of single steps with modes that remember tens of thousands of them. */
  @Test
  void slowModesDoNotDriftStepByStep() {
    int length = 20_000;
    double[] decay = {-1e-5, -2e-5, -5e-5, -1e-4};
    double[] angle = {0.01, 0.3, 1.1, 2.9};
    NDArray one = manager.ones(new Shape(1, 4));
    NDList c =
        new NDList(
            one,
            one.mul(0.5),
            manager.create(decay, new Shape(1, 4)),
            manager.create(angle, new Shape(1, 4)));
    NDArray x = filled(7, 1, 0, 1, 1, length).toType(DataType.FLOAT32, false);
    NDArray zero = manager.zeros(new Shape(1, 1, 4));
    NDList carried = new NDList(zero, zero);
    for (int t = 0; t < length; t += 4) {
      carried = run("forward", x.get(":, :, {}:{}", t, t + 4), c, carried);
      carried.remove(0).close();
    }
    NDList wide = new NDList(c);
    wide.set(0, c.get(0).toType(DataType.FLOAT64, false));
    wide.set(1, c.get(1).toType(DataType.FLOAT64, false));
    NDArray zeros = manager.zeros(new Shape(1, 1, 4), DataType.FLOAT64);
    NDList exact =
        run("blocks", x.toType(DataType.FLOAT64, false), wide, new NDList(zeros, zeros), 128);
    for (int i = 0; i < 2; i++) {
      NDArray expected = exact.get(1 + i);
      double worst =
          carried.get(i).toType(DataType.FLOAT64, false).sub(expected).abs().max().getDouble();
      assertThat(worst).isLessThan(2e-5 * expected.abs().max().getDouble());
    }
  }

  @Test
  void bothDirectionsAreTheirMirrorImage() {
    NDArray x = filled(7, 1, 0, BATCH, CHANNELS, 21);
    NDArray k = filled(8, 1, 0, 2 * CHANNELS, 21);
    NDArray swapped = NDArrays.concat(new NDList(k.get("3:"), k.get(":3")), 0);
    NDArray mirrored = SCRIPT.call("convolve_both", false, x.flip(2), swapped).flip(2);
    assertThat(SCRIPT.call("convolve_both", false, x, k).sub(mirrored).abs().max().getDouble())
        .isCloseTo(0, within(1e-12));
    assertThat(x.getDataType()).isEqualTo(DataType.FLOAT64);
  }
}
