package org.megalab.evaluate;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/**
 * How fast a model trains: reading, forward pass, backward pass and update of random windows.
 *
 * <pre>
 * bytes/s     = bytes that are predicted in a step / median seconds of a step
 * FLOPs/s     = bytes/s · 3 · forward FLOPs a byte
 * utilisation = FLOPs/s / peak                            model-FLOPs utilisation, MFU
 * busy        = device seconds of a step / median seconds of a step
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
 * @param seconds what each of the measured steps took, on a GPU the mean of some in a row
 * @param parts what the time of a step consists of
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
    Measurement seconds,
    Parts parts,
    double flopsPerByte,
    @Nullable Peak peak,
    double peakMebibytes) {

  /**
   * What a step's time consists of, in seconds.
   *
   * @param loading until the batch lies on the device
   * @param issuing from there until Java has handed all work over; on a CPU that is the work itself
   * @param device how long a GPU works on a step that was handed over before it came to it, so that
   *     it never waited; NaN on a CPU
   */
  public record Parts(double loading, double issuing, double device) {
    /** Nothing was measured. */
    public static final Parts NONE = new Parts(Double.NaN, Double.NaN, Double.NaN);
  }

  /** Returns a builder of a measurement. */
  public static ThroughputMeasurement.Builder builder() {
    return new ThroughputMeasurement.Builder();
  }

  /** Returns the seconds of a step, the median; NaN where nothing was measured. */
  public double medianSeconds() {
    return seconds.median();
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

  /** Returns the share of a step's time in which a GPU works; NaN on a CPU. */
  public double busy() {
    return Math.min(1, parts.device / medianSeconds());
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
    DoubleColumn shortest = DoubleColumn.create("min ms");
    DoubleColumn longest = DoubleColumn.create("max ms");
    DoubleColumn loading = DoubleColumn.create("loading ms");
    DoubleColumn host = DoubleColumn.create("host ms");
    DoubleColumn device = DoubleColumn.create("device ms");
    DoubleColumn busy = DoubleColumn.create("busy");
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
          shortest.append(1e3 * each.seconds.min());
          longest.append(1e3 * each.seconds.max());
          loading.append(1e3 * each.parts.loading);
          host.append(1e3 * each.parts.issuing);
          device.append(1e3 * each.parts.device);
          busy.append(each.busy());
          speed.append(each.bytesPerSecond());
          cost.append(each.flopsPerByte);
          flops.append(each.flopsPerSecond() / 1e9);
          utilisation.append(each.utilisation());
          memory.append(each.peakMebibytes);
        });
    return Table.create("training throughput")
        .addColumns(model, batch, length, milliseconds, shortest, longest)
        .addColumns(loading, host, device, busy)
        .addColumns(speed, cost, flops, utilisation, memory);
  }
}
