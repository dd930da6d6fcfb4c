package org.megalab.evaluate;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/**
 * How fast a model trains: forward pass, backward pass and update of random windows, without
 * reading data.
 *
 * <pre>
 * bytes/s     = bytes that are predicted in a step / median seconds of a step
 * FLOPs/s     = bytes/s · 3 · forward FLOPs a byte
 * utilisation = FLOPs/s / peak                            model-FLOPs utilisation, MFU
 * </pre>
 *
 * <p>Utilisation counts what the model needs (Chowdhery et al. 2022, appendix B), not what the
 * program does: recomputed activations and masked halves of attention count for nothing. FLOPs are
 * those of {@link org.megalab.model.Flops}.
 *
 * @param architecture the kind of model
 * @param batchSize B, the windows of a step
 * @param length T, their bytes
 * @param predicted the bytes of a step that have a loss, B · T for most models
 * @param seconds what each of the measured steps took
 * @param flopsPerByte the operations of a training step for each predicted byte
 * @param peak what the device can do; null where that is not known
 * @param peakMebibytes the most memory that was held, in MiB: on a GPU by everything on it, on
 *     Linux by the process during the measurement; else NaN
 */
public record TrainingThroughput(
    String architecture,
    int batchSize,
    int length,
    long predicted,
    List<Double> seconds,
    double flopsPerByte,
    @Nullable Peak peak,
    double peakMebibytes) {

  /** Copies the list. */
  public TrainingThroughput {
    seconds = List.copyOf(seconds);
  }

  /** Returns a builder of a measurement. */
  public static ThroughputMeasurement.Builder builder() {
    return new ThroughputMeasurement.Builder();
  }

  /** Returns the seconds of a step, the median; NaN where nothing was measured. */
  public double medianSeconds() {
    double[] sorted = seconds.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    int n = sorted.length;
    return n == 0 ? Double.NaN : (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
  }

  /** Returns how many bytes a second are trained on. */
  public double bytesPerSecond() {
    return predicted / medianSeconds();
  }

  /** Returns the operations a second that the model needs. */
  public double flopsPerSecond() {
    return flopsPerByte * bytesPerSecond();
  }

  /** Returns the share of the peak, from 0 to 1; NaN where no peak is known. */
  public double utilisation() {
    return peak == null ? Double.NaN : flopsPerSecond() / peak.flopsPerSecond();
  }

  /** Returns one row. */
  public Table table() {
    return table(Map.of(architecture, this));
  }

  /** Returns one row a measurement, by name. */
  public static Table table(Map<String, TrainingThroughput> measurements) {
    StringColumn model = StringColumn.create("model");
    IntColumn batch = IntColumn.create("batch");
    IntColumn length = IntColumn.create("length");
    DoubleColumn milliseconds = DoubleColumn.create("ms per step");
    DoubleColumn speed = DoubleColumn.create("bytes/s");
    DoubleColumn cost = DoubleColumn.create("training FLOPs/byte");
    DoubleColumn flops = DoubleColumn.create("GFLOPs/s");
    DoubleColumn utilisation = DoubleColumn.create("utilisation");
    DoubleColumn memory = DoubleColumn.create("peak MiB");
    measurements.forEach(
        (name, each) -> {
          model.append(name);
          batch.append(each.batchSize);
          length.append(each.length);
          milliseconds.append(1e3 * each.medianSeconds());
          speed.append(each.bytesPerSecond());
          cost.append(each.flopsPerByte);
          flops.append(each.flopsPerSecond() / 1e9);
          utilisation.append(each.utilisation());
          memory.append(each.peakMebibytes);
        });
    return Table.create(
        "training throughput",
        model,
        batch,
        length,
        milliseconds,
        speed,
        cost,
        flops,
        utilisation,
        memory);
  }
}
