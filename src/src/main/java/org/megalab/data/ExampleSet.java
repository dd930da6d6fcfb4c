package org.megalab.data;

import java.util.List;

/**
 * Examples in three splits.
 *
 * @param name how the set is called in tables and plots
 * @param classes the names of the classes, in the order of their numbers; empty where the answers
 *     are no classes
 * @param numbers what the bytes of an input are as numbers
 * @param train examples to learn from
 * @param validation examples to choose by; may be empty
 * @param test examples to report; may be empty
 */
public record ExampleSet(
    String name,
    List<String> classes,
    Numbers numbers,
    Examples train,
    Examples validation,
    Examples test)
    implements Dataset {

  /**
   * Copies the list of classes.
   *
   * @throws IllegalArgumentException if there are no examples to learn from
   */
  public ExampleSet {
    classes = List.copyOf(classes);
    if (train.size() == 0) {
      throw new IllegalArgumentException(
          "the set " + name + " has no examples to learn from; its train split is empty");
    }
  }

  /** Name, sizes and classes on one line. */
  @Override
  public String toString() {
    return "%s (train %,d, validation %,d, test %,d examples%s)"
        .formatted(
            name,
            train.size(),
            validation.size(),
            test.size(),
            classes.isEmpty() ? "" : "; %d classes".formatted(classes.size()));
  }
}
