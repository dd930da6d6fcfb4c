package org.megalab.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.megalab.evaluate.Measurement;
import org.megalab.evaluate.Peak;
import org.megalab.json.ConfigException;
import org.megalab.model.SequenceModel;
import org.megalab.torchscript.Autograd;
import org.megalab.torchscript.Precision;
import org.megalab.torchscript.Script;
import org.megalab.torchscript.Tensors;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.LongColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/**
 * What the layers of models cost alone, forward, and forward and backward: one of each kind and
 * size, whole blocks and what is in them.
 *
 * <pre>
 * GFLOPs   2 · B T · weights of the matrices                     forward
 * MiB      (2 · B T D + parameters) · bytes of a number          forward: in, out and weights, once
 * floor    GFLOPs / what products of matrices reach              no faster in this precision
 * </pre>
 *
 * @param models the models
 * @param settings how
 */
public record LayerBenchmark(List<BenchmarkModel> models, Settings settings) implements Benchmark {

  private static final Script SCRIPT = Script.resource(LayerBenchmark.class, "layer_step");
  private static final double MEBIBYTE = 1 << 20;

  /** On a GPU so many runs are waited for at once. */
  private static final int RUNS = 5;

  /**
   * What the layers get.
   *
   * @param batch B
   * @param length T
   * @param precision what they compute in
   * @param warmUp the rounds that are not measured
   * @param rounds the rounds that are
   */
  public record Settings(int batch, int length, Precision precision, int warmUp, int rounds) {
    /**
     * Checks the numbers.
     *
     * @throws ConfigException naming the one that is out of range
     */
    public Settings {
      ConfigException.check(batch > 0, "batch must be positive, got %d", batch);
      ConfigException.check(length > 0, "length must be positive, got %d", length);
      ConfigException.check(warmUp >= 0, "warmUp must not be negative, got %d", warmUp);
      ConfigException.check(rounds > 0, "rounds must be positive, got %d", rounds);
    }
  }

  /** Copies the list. */
  public LayerBenchmark {
    models = Models.distinct(models);
  }

  @Override
  public String name() {
    return "layer";
  }

  @Override
  public String legend() {
    return "GFLOPs: of the matrices, forward; MiB: input, output and parameters once; floor ms: these"
        + " GFLOPs at what products of matrices reach; both ms: forward and backward.";
  }

  @Override
  public Table run(BenchmarkProgress progress) {
    settings.precision.requireAvailable(device());
    progress.step("products of matrices");
    boolean rounded = settings.precision == Precision.BFLOAT16;
    Peak peak = Peak.measured(device(), rounded ? "bf16" : "fp32");
    Rows rows = new Rows();
    for (BenchmarkModel model : models) {
      model.measure(
          m -> {
            for (MeasuredLayers.Entry layer : MeasuredLayers.of(m)) {
              progress.step(model.name() + ", " + layer.path());
              rows.add(model.name(), layer, peak, m);
            }
            return m;
          });
    }
    return rows.table();
  }

  /** The time of a run of a layer. */
  private Measurement time(SequenceModel model, MeasuredLayers.Entry layer, boolean training) {
    int runs = model.device().isGpu() ? RUNS : 1;
    List<Double> seconds = new ArrayList<>();
    for (int round = -settings.warmUp; round < settings.rounds; round++) {
      BenchmarkProgress.requireGoingOn();
      try (NDManager scratch = model.manager().newSubManager()) {
        Shape shape = new Shape(settings.batch, settings.length, layer.width());
        NDArray x = scratch.randomNormal(shape);
        NDArray weights = scratch.randomNormal(shape);
        Tensors.floats(weights.sum()); // until all before is done
        long begin = System.nanoTime();
        NDArray last = weights;
        for (int run = 0; run < runs; run++) {
          last = training ? both(scratch, layer, x, weights) : forward(scratch, layer, x, weights);
        }
        Tensors.floats(last);
        if (round >= 0) {
          seconds.add((System.nanoTime() - begin) / 1e9 / runs);
        }
      }
    }
    return new Measurement(seconds);
  }

  private NDArray input(NDArray x, boolean training) {
    return settings.precision == Precision.BFLOAT16 ? Tensors.bfloat16(x, training) : x;
  }

  private NDArray forward(
      NDManager scratch, MeasuredLayers.Entry layer, NDArray x, NDArray weights) {
    try (NDManager run = scratch.newSubManager()) {
      NDArray given = input(x, false);
      given.attach(run);
      NDArray y = layer.forward().apply(settings.precision.store(run), given, false);
      NDArray done = SCRIPT.call("weighted", false, y, weights);
      done.attach(scratch);
      return done;
    }
  }

  private NDArray both(NDManager scratch, MeasuredLayers.Entry layer, NDArray x, NDArray weights) {
    try (NDManager run = scratch.newSubManager();
        Autograd autograd = new Autograd()) {
      NDArray leaf = x.stopGradient();
      leaf.attach(run);
      leaf.setRequiresGradient(true);
      NDArray y = layer.forward().apply(settings.precision.store(run), input(leaf, true), true);
      NDArray loss = SCRIPT.call("weighted", true, y, weights);
      autograd.backward(loss);
      NDArray gradient = leaf.getGradient();
      gradient.attach(run);
      NDArray done = gradient.get("0, 0, :1");
      done.attach(scratch);
      return done;
    }
  }

  /** One row a layer. */
  private final class Rows {
    private final StringColumn model = StringColumn.create("model");
    private final StringColumn layer = StringColumn.create("layer");
    private final StringColumn kind = StringColumn.create("kind");
    private final LongColumn parameters = LongColumn.create("parameters");
    private final DoubleColumn forward = DoubleColumn.create("forward ms");
    private final DoubleColumn forwardSpread = DoubleColumn.create("forward max ms");
    private final DoubleColumn both = DoubleColumn.create("both ms");
    private final DoubleColumn bothSpread = DoubleColumn.create("both max ms");
    private final DoubleColumn flops = DoubleColumn.create("GFLOPs");
    private final DoubleColumn bytes = DoubleColumn.create("MiB");
    private final DoubleColumn floor = DoubleColumn.create("floor ms");
    private final StringColumn error = StringColumn.create("error");

    void add(String name, MeasuredLayers.Entry entry, Peak peak, SequenceModel owner) {
      Measurement once = Measurement.NONE;
      Measurement twice = Measurement.NONE;
      String problem = "";
      try {
        once = time(owner, entry, false);
        twice = time(owner, entry, true);
      } catch (CancellationException e) {
        throw e;
      } catch (RuntimeException e) { // a layer that takes other inputs than (B, T, D)
        problem = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
      }
      double steps = (double) settings.batch * settings.length;
      double operations = 2 * steps * entry.parameters(true);
      int size = settings.precision == Precision.BFLOAT16 ? Short.BYTES : Float.BYTES;
      model.append(name);
      layer.append(entry.path());
      kind.append(entry.block().getClass().getSimpleName());
      parameters.append(entry.parameters(false));
      forward.append(1e3 * once.median());
      forwardSpread.append(1e3 * once.max());
      both.append(1e3 * twice.median());
      bothSpread.append(1e3 * twice.max());
      flops.append(operations / 1e9);
      bytes.append((2 * steps * entry.width() + entry.parameters(false)) * size / MEBIBYTE);
      floor.append(1e3 * operations / peak.flopsPerSecond());
      error.append(problem);
    }

    Table table() {
      return Table.create("layers")
          .addColumns(model, layer, kind, parameters, forward, forwardSpread, both, bothSpread)
          .addColumns(flops, bytes, floor, error);
    }
  }
}
