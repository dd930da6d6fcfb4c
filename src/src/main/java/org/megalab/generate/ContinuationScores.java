package org.megalab.generate;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.megalab.model.DecodingState;
import org.megalab.model.SequenceModel;
import org.megalab.torchscript.Tensors;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/**
 * How likely a model finds given continuations of a prompt, such as the answers of a
 * multiple-choice question.
 *
 * <pre>
 * cost_t = −ln p(c_t | prompt, c_1 … c_t-1)        log-likelihood = −Σ cost_t
 * bits per byte = Σ cost_t / (n ln 2)              n bytes of the continuation
 * </pre>
 *
 * <p>The common mistake is to choose between continuations of different length by the sum alone,
 * which favours the short one: {@link #best} does so, {@link #bestPerByte} does not.
 *
 * @param scores one of each continuation, in the order in which they were given
 */
public record ContinuationScores(List<Score> scores) {

  /** So many continuations are read at once. */
  private static final int ROWS = 16;

  /** So many bytes are read at once, of all continuations together. */
  private static final int BLOCK = 8192;

  /**
   * The cost of one continuation.
   *
   * @param continuation its bytes
   * @param costs the cost of each of them, in nats
   */
  @SuppressWarnings("ArrayRecordComponent") // scores are never compared
  public record Score(byte[] continuation, double[] costs) {

    /** Returns the cost of all bytes, in nats. */
    public double nats() {
      return Arrays.stream(costs).sum();
    }

    /** Returns the logarithm of the probability of all bytes. */
    public double logLikelihood() {
      return -nats();
    }

    /** Returns the mean cost of a byte, in bits. */
    public double bitsPerByte() {
      return nats() / costs.length / Math.log(2);
    }
  }

  /** Copies the list. */
  public ContinuationScores {
    scores = List.copyOf(scores);
  }

  /** Scores texts in UTF-8. */
  public static ContinuationScores of(
      SequenceModel model, String prompt, List<String> continuations) {
    return of(
        model,
        prompt.getBytes(StandardCharsets.UTF_8),
        continuations.stream().map(text -> text.getBytes(StandardCharsets.UTF_8)).toList());
  }

  /**
   * Scores continuations.
   *
   * @param model the model
   * @param prompt what the model reads first, may be empty; if it does not fit into the context
   *     together with the longest continuation, its newest bytes count
   * @param continuations the bytes to predict after it
   * @throws IllegalArgumentException if there are no continuations, or one is empty or longer than
   *     the context
   */
  public static ContinuationScores of(
      SequenceModel model, byte[] prompt, List<byte[]> continuations) {
    model.requireBytes();
    int longest = continuations.stream().mapToInt(c -> c.length).max().orElse(0);
    if (continuations.stream().mapToInt(c -> c.length).min().orElse(0) == 0) {
      throw new IllegalArgumentException(
          "there is nothing to score: of "
              + continuations.size()
              + " continuations the shortest has no bytes; give at least one of at least one byte");
    }
    List<Score> scores = new ArrayList<>();
    for (int i = 0; i < continuations.size(); i += ROWS) {
      List<byte[]> batch = continuations.subList(i, Math.min(i + ROWS, continuations.size()));
      try (DecodingState state = model.newDecodingState(batch.size())) {
        if (longest > state.capacity()) {
          throw new IllegalArgumentException(
              "a continuation has "
                  + longest
                  + " bytes and the context "
                  + state.capacity()
                  + "; score it in parts, each with what is before it as prompt");
        }
        int read = (int) Math.min(prompt.length, state.capacity() - longest);
        byte[] newest = Arrays.copyOfRange(prompt, prompt.length - read, prompt.length);
        for (int from = 0; from < read; from += BLOCK / ROWS) {
          byte[] part = Arrays.copyOfRange(newest, from, Math.min(from + BLOCK / ROWS, read));
          feed(model, state, batch.stream().map(c -> part).toArray(byte[][]::new));
        }
        scores.addAll(score(model, state, batch));
      }
    }
    return new ContinuationScores(scores);
  }

  /** Scores a batch after a prompt; what is fed behind the end of a shorter one costs nothing. */
  private static List<Score> score(
      SequenceModel model, DecodingState state, List<byte[]> continuations) {
    List<Score> scores =
        continuations.stream().map(c -> new Score(c.clone(), new double[c.length])).toList();
    int longest = scores.stream().mapToInt(s -> s.costs().length).max().orElseThrow();
    for (int first = 0; first < longest; first += BLOCK / ROWS) {
      int from = first;
      int count = Math.min(BLOCK / ROWS, longest - from);
      byte[][] ids =
          scores.stream()
              .map(
                  s ->
                      Arrays.copyOfRange(
                          Arrays.copyOf(s.continuation(), longest), from, from + count))
              .toArray(byte[][]::new);
      float[] logits = feed(model, state, ids); // (B, count, V)
      int symbols = logits.length / ids.length / count;
      for (int b = 0; b < ids.length; b++) {
        double[] costs = scores.get(b).costs();
        for (int t = 0; t < count && from + t < costs.length; t++) {
          costs[from + t] = cost(logits, (b * count + t) * symbols, symbols, ids[b][t] & 0xFF);
        }
      }
    }
    return scores;
  }

  private static float[] feed(SequenceModel model, DecodingState state, byte[][] ids) {
    try (NDManager step = model.manager().newSubManager();
        NDArray logits = state.feed(SequenceModel.ids(step, ids))) {
      return Tensors.floats(logits);
    }
  }

  /** The negative log-softmax of one of the logits from an index on. */
  private static double cost(float[] logits, int from, int symbols, int symbol) {
    double largest = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < symbols; i++) {
      largest = Math.max(largest, logits[from + i]);
    }
    double sum = 0;
    for (int i = 0; i < symbols; i++) {
      sum += Math.exp(logits[from + i] - largest);
    }
    return largest + Math.log(sum) - logits[from + symbol];
  }

  /** Returns the number of the continuation of the largest log-likelihood, from 0 on. */
  public int best() {
    return least(Comparator.comparingDouble(Score::nats));
  }

  /** Returns the number of the continuation of the fewest bits per byte, from 0 on. */
  public int bestPerByte() {
    return least(Comparator.comparingDouble(Score::bitsPerByte));
  }

  private int least(Comparator<Score> order) {
    return scores.indexOf(scores.stream().min(order).orElseThrow());
  }

  /** Returns one row a continuation. */
  public Table table() {
    return Table.create(
        "continuations",
        StringColumn.create(
            "continuation",
            scores.stream().map(s -> new String(s.continuation(), StandardCharsets.UTF_8))),
        IntColumn.create("bytes", scores.stream().mapToInt(s -> s.costs().length)),
        DoubleColumn.create("nats", scores.stream().mapToDouble(Score::nats)),
        DoubleColumn.create("bits per byte", scores.stream().mapToDouble(Score::bitsPerByte)));
  }
}
