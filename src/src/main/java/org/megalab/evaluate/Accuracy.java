package org.megalab.evaluate;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.megalab.data.Example;
import org.megalab.data.Examples;
import org.megalab.data.Numbers;
import org.megalab.model.TrainableModel;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.LongColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/**
 * How many examples a model answers right, and what the answers cost it.
 *
 * <pre>
 * accuracy       = right examples / examples       all bytes of the target are the most likely ones
 * bits per byte  = Σ −log₂ p(target) / targets     a classifier's target is its class
 * </pre>
 *
 * @param right the right answers by class; where the answers are no classes there is one row for
 *     all
 * @param examples the examples by class
 * @param nats the summed cost
 * @param targets the predictions that count
 * @param complete whether all examples were read; false if the evaluation was stopped
 */
public record Accuracy(
    List<Long> right, List<Long> examples, double nats, long targets, boolean complete) {

  /** A batch reads about this many bytes. */
  private static final int BATCH_BYTES = 16384;

  /** Copies the lists. */
  public Accuracy {
    right = List.copyOf(right);
    examples = List.copyOf(examples);
  }

  /** Evaluates a model on all examples. */
  public static Accuracy of(TrainableModel model, Numbers numbers, int classes, Examples examples) {
    return of(model, numbers, classes, examples, () -> false);
  }

  /**
   * Evaluates a model on all examples.
   *
   * @param model a sequence model or a classifier
   * @param numbers what the bytes of an input are
   * @param classes the number of classes; 0 where the answers are no classes
   * @param examples the examples
   * @param stop asked between batches; when it says yes the result so far is returned
   */
  public static Accuracy of(
      TrainableModel model, Numbers numbers, int classes, Examples examples, BooleanSupplier stop) {
    long[] right = new long[Math.max(1, classes)];
    long[] all = new long[right.length];
    double nats = 0;
    long targets = 0;
    int next = 0;
    while (next < examples.size() && !stop.getAsBoolean()) {
      List<Example> rows = new ArrayList<>();
      long bytes = 0;
      while (next < examples.size() && bytes < BATCH_BYTES) {
        rows.add(examples.get(next++));
        bytes += rows.get(rows.size() - 1).input().length;
      }
      ExampleBatch batch = new ExampleBatch(model, numbers, rows);
      ExampleBatch.Answers answers = batch.answers();
      for (int i = 0; i < rows.size(); i++) {
        int row = classes == 0 ? 0 : rows.get(i).label();
        all[row]++;
        right[row] += answers.right()[i] ? 1 : 0;
        nats += answers.nats()[i];
      }
      targets += batch.targets();
    }
    return new Accuracy(
        LongColumn.create("", right).asList(),
        LongColumn.create("", all).asList(),
        nats,
        targets,
        next == examples.size());
  }

  /** Returns the share of right answers. */
  public double value() {
    return sum(right) / (double) sum(examples);
  }

  /** Returns the mean cost of a prediction in bits. */
  public double bitsPerByte() {
    return nats / targets / Math.log(2);
  }

  private static long sum(List<Long> counts) {
    return counts.stream().mapToLong(Long::longValue).sum();
  }

  /**
   * Returns one row a class, and one for all of them.
   *
   * @param classes the classes' names; empty where the answers are no classes
   */
  public Table table(List<String> classes) {
    StringColumn name = StringColumn.create("class");
    LongColumn count = LongColumn.create("examples");
    DoubleColumn share = DoubleColumn.create("accuracy");
    IntStream.range(0, classes.size())
        .forEach(
            c -> {
              name.append(classes.get(c));
              count.append(examples.get(c));
              share.append(right.get(c) / (double) examples.get(c));
            });
    name.append("all");
    count.append(sum(examples));
    share.append(value());
    return Table.create(
        String.format(Locale.ROOT, "accuracy (%.4f bits a target)", bitsPerByte()),
        name,
        count,
        share);
  }
}
