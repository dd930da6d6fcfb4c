package org.megalab.generate;

import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.megalab.model.DecodingState;
import org.megalab.model.SequenceModel;
import org.megalab.torchscript.Tensors;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.LongColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/**
 * How fast models write, compared in one call: each generates the same number of bytes after the
 * same prompt, in rounds in which all models take their turn, so that what else the machine does
 * meets all of them.
 *
 * <pre>
 * bytes/s     = B · new bytes / t         t the median of the rounds' times, reading the prompt aside
 * ms per byte = 1000 t / new bytes        how long a sequence waits for its next byte
 * </pre>
 *
 * <p>B sequences at once. A first round, which warms up, does not count.
 */
public final class GenerationSpeed {

  private static final int ROUNDS = 3;
  private static final double MEBIBYTE = 1 << 20;

  private GenerationSpeed() {}

  /**
   * Measures models.
   *
   * @param models the models by name; the table has them in the map's order
   * @param promptLength the bytes that are read first
   * @param newBytes the bytes that each sequence gets
   * @param batch B
   * @return one row a model: model, parameters, bytes/s, ms per byte, and state MiB, the memory of
   *     the B decoding states at the end
   * @throws IllegalArgumentException if there are no models, or a number is out of range
   */
  public static Table measure(
      Map<String, SequenceModel> models, int promptLength, int newBytes, int batch) {
    if (models.isEmpty() || promptLength < 0 || newBytes < 1 || batch < 1) {
      throw new IllegalArgumentException(
          "speed needs at least one model, a prompt of 0 bytes or more, and at least one new byte"
              + " and one sequence; got %d models, a prompt of %d, %d new bytes and %d sequences"
                  .formatted(models.size(), promptLength, newBytes, batch));
    }
    byte[] prompt = new byte[promptLength];
    new Random(1).nextBytes(prompt);
    List<byte[]> prompts = Collections.nCopies(batch, prompt);
    Map<String, double[]> seconds = new LinkedHashMap<>();
    for (int round = -1; round < ROUNDS; round++) {
      for (Map.Entry<String, SequenceModel> entry : models.entrySet()) {
        Generator generator = new Generator(entry.getValue(), Sampling.builder().build());
        double[] rounds = seconds.computeIfAbsent(entry.getKey(), name -> new double[ROUNDS]);
        rounds[Math.max(0, round)] = time(generator.generate(prompts, newBytes));
      }
    }
    seconds.values().forEach(Arrays::sort);
    List<Double> medians = seconds.values().stream().map(s -> s[ROUNDS / 2]).toList();
    List<Double> memory = new ArrayList<>();
    for (SequenceModel model : models.values()) {
      memory.add(stateBytes(model, prompt, newBytes, batch) / MEBIBYTE);
    }
    return Table.create(
        "speed of generation",
        StringColumn.create("model", models.keySet()),
        LongColumn.create(
            "parameters", models.values().stream().mapToLong(SequenceModel::parameterCount)),
        DoubleColumn.create(
            "bytes/s", medians.stream().mapToDouble(s -> (double) batch * newBytes / s)),
        DoubleColumn.create("ms per byte", medians.stream().mapToDouble(s -> 1000 * s / newBytes)),
        DoubleColumn.create("state MiB", memory));
  }

  private static double time(List<Generation> generations) {
    if (generations.stream().anyMatch(Generation::interrupted)) {
      throw new IllegalStateException("the measurement was interrupted; nothing is known of it");
    }
    return generations.stream().mapToDouble(Generation::seconds).max().orElseThrow();
  }

  /** What the states hold after prompt and text, or as much of both as they can. */
  private static long stateBytes(SequenceModel model, byte[] prompt, int newBytes, int batch) {
    long before = Tensors.heldBytes(model.manager());
    try (DecodingState state = model.newDecodingState(batch)) {
      int total = (int) Math.min((long) prompt.length + newBytes, state.capacity() - 1);
      byte[] text = Arrays.copyOf(prompt, total);
      try (NDManager step = model.manager().newSubManager()) {
        byte[][] rows = Collections.nCopies(batch, text).toArray(byte[][]::new);
        state.feed(SequenceModel.ids(step, rows)).close();
      }
      return Tensors.heldBytes(model.manager()) - before;
    }
  }
}
