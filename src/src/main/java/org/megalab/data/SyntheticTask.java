package org.megalab.data;

import java.util.List;

/**
 * A task whose examples are made when they are asked for, as many as wanted. Example number i of a
 * split depends on the seed, the split and i alone, on every JDK:
 *
 * <pre>
 * example(seed, split, i) = example(SplitMix64.at(seed, split, i))     split 0 train, 1 validation, 2 test
 *
 * ExampleSet listOps = ListOps.standard().examples(96_000, 2_000, 2_000, 1);
 * </pre>
 *
 * <p>Splits are drawn independently. Of a task with few different examples, such as a copy of two
 * letters, some of the test examples are therefore among those of training too.
 */
public interface SyntheticTask {

  /** How the task is called in tables and plots, with its main setting. */
  String name();

  /** The names of the classes, in the order of their numbers; empty if answers are no classes. */
  default List<String> classes() {
    return List.of();
  }

  /** What the bytes of an input are as numbers. */
  default Numbers numbers() {
    return Numbers.SYMBOLS;
  }

  /** Makes an example; all that is random in it comes from the stream. */
  Example example(SplitMix64 random);

  /**
   * Returns examples in three splits, which are made each time they are read.
   *
   * @param train the number of examples to learn from, at least 1
   * @param validation the number of examples to choose by
   * @param test the number of examples to report
   * @param seed decides the examples
   */
  default ExampleSet examples(int train, int validation, int test, long seed) {
    return new ExampleSet(
        name(),
        classes(),
        numbers(),
        split(train, seed, 0),
        split(validation, seed, 1),
        split(test, seed, 2));
  }

  private Examples split(int size, long seed, int split) {
    if (size < 0) {
      throw new IllegalArgumentException(
          name() + ": a split cannot have " + size + " examples; ask for 0 or more");
    }
    return Examples.of(size, index -> example(SplitMix64.at(seed, split, index)));
  }

  /**
   * Returns a task with the settings that are usual for it: {@code listops}, {@code copy}, {@code
   * selective-copy}, {@code associative-recall}, {@code pathfinder} or {@code retrieval-pairs}.
   *
   * @throws IllegalArgumentException if there is no such task, saying which there are
   */
  static SyntheticTask named(String name) {
    return switch (name) {
      case "listops" -> ListOps.standard();
      case "copy" -> Copy.of(64);
      case "selective-copy" -> SelectiveCopy.of(256);
      case "associative-recall" -> AssociativeRecall.of(64);
      case "pathfinder" -> Pathfinder.of(32);
      case "retrieval-pairs" -> RetrievalPairs.standard();
      default ->
          throw new IllegalArgumentException(
              "there is no synthetic task called '"
                  + name
                  + "'; there are listops, copy, selective-copy, associative-recall, pathfinder and"
                  + " retrieval-pairs");
    };
  }
}
