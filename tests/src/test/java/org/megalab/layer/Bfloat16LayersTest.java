package org.megalab.layer;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.megalab.torchscript.Precision;
import org.megalab.torchscript.Script;
import org.megalab.torchscript.Tensors;

/** What rounding would ruin stays in float32. */
class Bfloat16LayersTest {

  private static final Script SCRIPT =
      Script.source(
          "rounding",
          """
          def widen(x: Tensor) -> Tensor:
              return x.to(torch.float32)

          def rounded(x: Tensor) -> Tensor:
              return x.to(torch.bfloat16).to(torch.float32)
          """);

  /**
   * Layers whose modes decay by 0.0003 to 0.014 a step, where bfloat16 has steps of 0.004 below 1,
   * and turn often.
   */
  private static StreamingLayer recurrence(NDManager manager, String name) {
    if (name.equals("complex")) {
      ComplexEma complex = initialized(manager, new ComplexEma(2, 2));
      set(complex, "alpha", -3.53);
      set(complex, "delta", -3.27);
      set(complex, "theta", 1.005);
      return complex;
    }
    if (name.equals("damped")) {
      DampedEma damped = initialized(manager, new DampedEma(2, 2));
      set(damped, "delta", -2.0075);
      set(damped, "alpha", -2.0075);
      return damped;
    }
    S4d s4d = initialized(manager, new S4d(2, 4, S4dInit.LIN, false, 0));
    set(s4d, "logStep", -3.015);
    set(s4d, "logDecayRate", -5.03);
    set(s4d, "frequency", 9.03);
    set(s4d, "out.bias", 0);
    return s4d;
  }

  private static <L extends Layer> L initialized(NDManager manager, L layer) {
    layer.initialize(manager, DataType.FLOAT32, new Shape(1));
    return layer;
  }

  private static void set(Layer layer, String name, double value) {
    layer.weight(name).subi(layer.weight(name)).addi(value);
  }

  @ParameterizedTest
  @ValueSource(strings = {"complex", "damped", "s4d"})
  void recurrencesKeepTheirCoefficients(String name) {
    try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
      StreamingLayer layer = recurrence(manager, name);
      NDArray impulse = manager.zeros(new Shape(1, 4000, 2));
      impulse.set(new ai.djl.ndarray.index.NDIndex("0, 0"), 1);
      NDArray x = Tensors.bfloat16(impulse, false);
      ParameterStore plain = new ParameterStore(manager, false);
      NDArray exact = layer.forward(plain, impulse, null, false);
      NDArray mixed = layer.forward(Precision.BFLOAT16.store(manager), x, null, false);
      assertThat(mixed.getDataType()).isEqualTo(DataType.UNKNOWN);
      NDArray wide = SCRIPT.call("widen", false, mixed);
      assertThat(late(wide, exact)).isLessThan(0.01);
      LayerState state = layer.newState(manager, DataType.FLOAT32, 1, 4000);
      layer.forward(Precision.BFLOAT16.store(manager), x, state, false).close();
      assertThat(state.all().map(NDArray::getDataType)).containsOnly(DataType.FLOAT32);
      layer
          .namedParameters()
          .values()
          .forEach(p -> Tensors.assign(p.getArray(), SCRIPT.call("rounded", false, p.getArray())));
      assertThat(late(layer.forward(plain, impulse, null, false), exact)).isGreaterThan(0.2);
    }
  }

  private static Stream<SequenceLayer> precise() {
    return Stream.of(
        new LayerNorm(8, NormWeight.PLAIN, 1e-5),
        new RmsNorm(8, NormWeight.PLUS_ONE, 1e-5),
        new ScaleNorm(NormWeight.PLAIN, 1e-5),
        new GroupNorm(8, 2, NormWeight.PLUS_ONE, 1e-5),
        new BatchNorm(8, NormWeight.PLAIN, 1e-5),
        new TimestepNorm(8, 2, 1e-5),
        new ComplexEma(8, 4),
        new DampedEma(8, 4));
  }

  /** Rounded inputs, exact arithmetic, outputs rounded once: not one bit is another. */
  @ParameterizedTest
  @MethodSource("precise")
  void normsAndAveragesRoundTheirOutputAlone(SequenceLayer layer) {
    try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
      layer.initialize(manager, DataType.FLOAT32, new Shape(1));
      layer
          .namedParameters()
          .forEach((name, p) -> p.getArray().addi(manager.randomUniform(0, 0.3f, p.getShape())));
      NDArray x = Tensors.bfloat16(manager.randomNormal(new Shape(2, 50, 8)).add(3), false);
      NDArray wide = SCRIPT.call("widen", false, x);
      ParameterStore store = Precision.BFLOAT16.store(manager);
      NDArray mixed = layer.forward(store, x, false);
      assertThat(mixed.getDataType()).isEqualTo(DataType.UNKNOWN);
      NDArray exact = layer.forward(new ParameterStore(manager, false), wide, false);
      assertThat(SCRIPT.call("widen", false, mixed))
          .isEqualTo(SCRIPT.call("rounded", false, exact));
    }
  }

  @ParameterizedTest
  @CsvSource({"rotary, adjacent", "rotary, halves", "token_shift_layer, rms_norm"})
  void rotationsRoundTheirOutputAlone(String file, String function) {
    try (NDManager manager = NDManager.newBaseManager(Device.cpu());
        Script script = Script.resource(Layer.class, file)) {
      NDArray x = Tensors.bfloat16(manager.randomNormal(new Shape(2, 3, 50, 8)), false);
      NDArray wide = SCRIPT.call("widen", false, x);
      Object[] more =
          file.equals("rotary")
              ? new Object[] {1_000_000, 10000.0}
              : new Object[] {manager.randomNormal(new Shape(8))};
      NDArray mixed = call(script, function, x, more);
      assertThat(mixed.getDataType()).isEqualTo(DataType.UNKNOWN);
      NDArray exact = call(script, function, wide, more);
      assertThat(SCRIPT.call("widen", false, mixed))
          .isEqualTo(SCRIPT.call("rounded", false, exact));
    }
  }

  private static NDArray call(Script script, String function, NDArray x, Object... more) {
    return script.call(
        function, false, Stream.concat(Stream.of((Object) x), Stream.of(more)).toArray());
  }

  /** The error of the later half, as a share of what is there. */
  private static double late(NDArray y, NDArray exact) {
    NDArray part = exact.get(":, 2000:");
    double error = y.get(":, 2000:").sub(part).square().sum().getFloat();
    return Math.sqrt(error / part.square().sum().getFloat());
  }
}
