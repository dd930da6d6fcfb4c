package org.megalab.bench;

import ai.djl.Device;
import java.util.List;
import java.util.concurrent.CancellationException;
import tech.tablesaw.api.Table;

/**
 * Something that is measured of some models, in one run so that it compares.
 *
 * <pre>
 * TrainBenchmark.Settings settings = new TrainBenchmark.Settings(8, 256, StepSettings.USUAL, false);
 * Benchmark benchmark = new TrainBenchmark(models, settings);
 * System.out.println(BenchmarkReport.of(benchmark, List.of(), line -&gt; {}).text());
 * </pre>
 */
public interface Benchmark {

  /** Returns the name on the command line, and in a report. */
  String name();

  /** Returns what is measured. */
  List<BenchmarkModel> models();

  /** Returns how; a record, so that a report can hold it. */
  Record settings();

  /** Returns what the columns do not tell of themselves, a sentence or two. */
  String legend();

  /**
   * Measures all models, one after the other; each has memory only while it is measured.
   *
   * @param progress told what is measured next
   * @return the figures, with the column {@code model}, and {@code error} where a model may fail
   *     without the others
   * @throws IllegalArgumentException if models and settings do not fit
   * @throws CancellationException if the thread was interrupted; its interrupt stays set
   */
  Table run(BenchmarkProgress progress);

  /** Returns the device of all models. */
  default Device device() {
    return models().get(0).device();
  }
}
