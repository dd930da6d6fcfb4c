package org.megalab.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TimeLeftTest {

  private final long before = System.nanoTime();
  private final TimeLeft time = new TimeLeft();
  private final long after = System.nanoTime();

  /** What is left is so many times what has passed. */
  private void assertLeft(double times) {
    double least = (System.nanoTime() - after) / 1e9;
    double left = time.secondsLeft();
    double most = (System.nanoTime() - before) / 1e9;
    assertThat(left).isBetween(times * least * (1 - 1e-9), times * most * (1 + 1e-9));
  }

  @Test
  void whatIsLeftTakesAsLongAsWhatWasDone() {
    time.add("one", 2);
    time.add("two", 1);
    assertThat(time.secondsLeft()).isInfinite();
    time.reached("one", 0.25, 0.25); // half a unit of three
    assertLeft(5);
    time.reached("one", 1, 0.25);
    time.ended("one");
    assertLeft(0.5);
    time.reached("two", 1, 1);
    time.ended("two");
    assertThat(time.secondsLeft()).isZero();
  }

  @Test
  void whatWasDoneBeforeOrNeverIsNoPace() {
    time.add("resumed", 1);
    time.add("failed", 1);
    time.add("later", 1);
    time.reached("resumed", 0.75, 0.25); // half was there
    time.ended("resumed");
    assertLeft(8);
    time.reached("failed", 0.25, 0.25);
    time.ended("failed"); // a quarter was done, and no more will be
    assertLeft(2);
  }

  @Test
  void nothingToDoTakesNoTime() {
    assertThat(time.secondsLeft()).isZero();
    time.add("one", 1);
    time.ended("one"); // it failed at once
    assertThat(time.secondsLeft()).isZero();
  }
}
