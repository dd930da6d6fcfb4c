package org.megalab.bench;

import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.megalab.evaluate.StreamingCost;
import org.megalab.json.ConfigException;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/**
 * What a long stream costs, chunk after chunk through a decoding state: time and memory at its
 * beginning and later.
 *
 * @param models the models
 * @param settings how
 */
public record StreamBenchmark(List<BenchmarkModel> models, Settings settings) implements Benchmark {

  /**
   * What is fed.
   *
   * @param bytes the length of the stream
   * @param chunk the bytes that are fed at once
   * @param intervals the rows of a model
   */
  public record Settings(long bytes, int chunk, int intervals) {
    /**
     * Checks the numbers.
     *
     * @throws ConfigException if an interval is shorter than a chunk
     */
    public Settings {
      ConfigException.check(
          chunk > 0 && intervals > 0 && bytes / intervals >= chunk,
          "a stream of bytes = %d has no intervals = %d of at least chunk = %d bytes; take fewer"
              + " intervals or smaller chunks",
          bytes,
          intervals,
          chunk);
    }
  }

  /** Copies the list. */
  public StreamBenchmark {
    models = Models.distinct(models);
  }

  @Override
  public String name() {
    return "stream";
  }

  @Override
  public String legend() {
    return "bytes: where an interval ends; growth: time a byte to that of the first interval; state:"
        + " what the model remembers; resident: the process; GPU: all that is held on it.";
  }

  @Override
  public Table run(BenchmarkProgress progress) {
    Table all = null;
    for (BenchmarkModel model : models) {
      progress.step("%s, chunks of %d bytes".formatted(model.name(), settings.chunk));
      StreamingCost cost =
          model.measure(
              m ->
                  StreamingCost.measure(
                      m,
                      settings.bytes,
                      settings.chunk,
                      settings.intervals,
                      interval ->
                          progress.step("%s, %d bytes".formatted(model.name(), interval.bytes()))));
      Table one = table(model.name(), cost);
      all = all == null ? one : all.append(one);
    }
    return Objects.requireNonNull(all); // there is a model
  }

  private Table table(String name, StreamingCost cost) {
    Table table = cost.table();
    DoubleColumn time = table.doubleColumn("microseconds per byte");
    table.insertColumn(
        0, StringColumn.create("model", Collections.nCopies(table.rowCount(), name)));
    table.insertColumn(
        3,
        DoubleColumn.create(
            "ms per chunk", time.asList().stream().mapToDouble(t -> t * settings.chunk / 1e3)));
    table.insertColumn(4, Models.ratios(time).setName("growth"));
    return table;
  }
}
