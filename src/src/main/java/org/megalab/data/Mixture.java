package org.megalab.data;

import java.util.List;

/**
 * Tasks of one kind as one, such as recall over several gaps: each example is of one of them, which
 * are equally likely.
 *
 * <pre>{@code
 * new Mixture("recall", AssociativeRecall.of(0).sweep(0, 16, 64)).examples(100_000, 256, 256, 1)
 * }</pre>
 *
 * @param name how the mixture is called
 * @param tasks what is mixed
 */
public record Mixture(String name, List<? extends SyntheticTask> tasks) implements SyntheticTask {

  /**
   * Copies the list.
   *
   * @throws IllegalArgumentException if there are no tasks, or their classes or numbers differ
   */
  public Mixture {
    tasks = List.copyOf(tasks);
    if (tasks.isEmpty()) {
      throw new IllegalArgumentException("the mixture " + name + " has no tasks; give it some");
    }
    SyntheticTask first = tasks.get(0);
    for (SyntheticTask task : tasks) {
      if (!task.classes().equals(first.classes()) || !task.numbers().equals(first.numbers())) {
        throw new IllegalArgumentException(
            "%s and %s cannot be mixed: their answers have other classes, or their bytes other numbers; mix tasks of one kind"
                .formatted(first.name(), task.name()));
      }
    }
  }

  @Override
  public List<String> classes() {
    return tasks.get(0).classes();
  }

  @Override
  public Numbers numbers() {
    return tasks.get(0).numbers();
  }

  @Override
  public Example example(SplitMix64 random) {
    return tasks.get(random.nextInt(tasks.size())).example(random);
  }
}
