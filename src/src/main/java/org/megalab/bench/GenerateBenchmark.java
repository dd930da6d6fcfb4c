package org.megalab.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import org.megalab.evaluate.Measurement;
import org.megalab.generate.GenerationSpeed;
import org.megalab.generate.Generator;
import org.megalab.generate.Sampling;
import org.megalab.json.ConfigException;
import org.megalab.model.SequenceModel;
import org.megalab.torchscript.Tensors;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.Table;

/**
 * How fast models write, by how many sequences are written at once and by where in them: with their
 * decoding states, and without, when every byte takes a forward pass over all before it, as the
 * community's MEGABYTE does.
 *
 * @param models the models, which take their turn; the first is what the ratios refer to
 * @param settings how
 */
public record GenerateBenchmark(List<BenchmarkModel> models, Settings settings)
    implements Benchmark {

  private static final int FORWARDS = 3;

  /**
   * What is written.
   *
   * @param batches B, the sequences that are written at once
   * @param positions the bytes that are read before
   * @param bytes the bytes that are written
   * @param uncached whether forward passes over whole sequences are measured too
   * @param warmUp the bytes that each model writes before anything counts, so that the first rows
   *     are not those of code that Java has not compiled yet
   */
  public record Settings(
      List<Integer> batches, List<Integer> positions, int bytes, boolean uncached, int warmUp) {
    /**
     * Checks the numbers.
     *
     * @throws ConfigException naming the one that is out of range
     */
    public Settings {
      batches = List.copyOf(batches);
      positions = List.copyOf(positions);
      ConfigException.check(
          !batches.isEmpty() && batches.stream().allMatch(b -> b > 0),
          "batches must be positive, got %s",
          batches);
      ConfigException.check(
          !positions.isEmpty() && positions.stream().allMatch(p -> p >= 0),
          "positions must not be negative, got %s",
          positions);
      ConfigException.check(bytes > 0, "bytes must be positive, got %d", bytes);
      ConfigException.check(warmUp >= 0, "warmUp must not be negative, got %d", warmUp);
    }
  }

  /** Copies the list, with contexts in which all that is written has room. */
  public GenerateBenchmark {
    int longest = Collections.max(settings.positions) + settings.bytes + 1;
    models = Models.distinct(models).stream().map(model -> model.withContext(longest)).toList();
  }

  @Override
  public String name() {
    return "generate";
  }

  @Override
  public String legend() {
    return "position: the bytes read before; ratio: bytes/s to the first model's; uncached ms: a"
        + " forward pass over all bytes up to the last; speed-up: uncached ms / ms per byte.";
  }

  @Override
  public Table run(BenchmarkProgress progress) {
    return with(0, new LinkedHashMap<>(), progress);
  }

  /** All models are there at once: they take turns. */
  private Table with(int next, Map<String, SequenceModel> there, BenchmarkProgress progress) {
    if (next == models.size()) {
      return measure(there, progress);
    }
    BenchmarkModel model = models.get(next);
    return model.measure(
        m -> {
          there.put(model.name(), m);
          return with(next + 1, there, progress);
        });
  }

  private Table measure(Map<String, SequenceModel> there, BenchmarkProgress progress) {
    if (settings.warmUp > 0) {
      progress.step("warm-up");
      there.values().forEach(this::warmUp);
    }
    Table all = null;
    for (int batch : settings.batches) {
      for (int position : settings.positions) {
        progress.step(
            "%d bytes of %d sequences after %d".formatted(settings.bytes, batch, position));
        Table one = GenerationSpeed.measure(there, position, settings.bytes, batch);
        int rows = one.rowCount();
        one.insertColumn(2, IntColumn.create("batch", IntStream.range(0, rows).map(i -> batch)));
        one.insertColumn(
            3, IntColumn.create("position", IntStream.range(0, rows).map(i -> position)));
        one.insertColumn(5, Models.ratios(one.doubleColumn("bytes/s")));
        addUncached(one, there, batch, position + settings.bytes, progress);
        all = all == null ? one : all.append(one);
      }
    }
    return Objects.requireNonNull(all); // there are a batch and a position
  }

  private void warmUp(SequenceModel model) {
    new Generator(model, Sampling.builder().build()).generate(new byte[0], settings.warmUp);
  }

  private void addUncached(
      Table table,
      Map<String, SequenceModel> there,
      int batch,
      int length,
      BenchmarkProgress progress) {
    if (!settings.uncached) {
      return;
    }
    DoubleColumn cached = table.doubleColumn("ms per byte");
    List<Double> milliseconds = new ArrayList<>();
    there.forEach(
        (name, model) -> {
          progress.step("%s without a state, %d × %d".formatted(name, batch, length));
          milliseconds.add(1e3 * forward(model, batch, length).median());
        });
    table.addColumns(
        DoubleColumn.create("uncached ms", milliseconds),
        DoubleColumn.create(
            "speed-up",
            IntStream.range(0, cached.size())
                .mapToDouble(i -> milliseconds.get(i) / cached.getDouble(i))));
  }

  /** The time until the logits of the last byte are here. */
  private static Measurement forward(SequenceModel model, int batch, int length) {
    List<Double> seconds = new ArrayList<>();
    byte[][] rows = new byte[batch][length];
    Random random = new Random(1);
    Arrays.stream(rows).forEach(random::nextBytes);
    for (int i = -1; i < FORWARDS; i++) {
      BenchmarkProgress.requireGoingOn();
      long begin = System.nanoTime();
      try (NDManager step = model.manager().newSubManager()) {
        NDArray logits = model.logits(SequenceModel.ids(step, rows)); // (B, T, V)
        Tensors.floats(logits.get(":, -1")); // (B, V)
      }
      if (i >= 0) {
        seconds.add((System.nanoTime() - begin) / 1e9);
      }
    }
    return new Measurement(seconds);
  }
}
