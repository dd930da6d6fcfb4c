package org.megalab.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MeasurementTest {

  @Test
  void theMiddleStandsForAll() {
    assertThat(new Measurement(List.of(9.0, 1.0, 2.0)).median()).isEqualTo(2);
    Measurement even = new Measurement(List.of(4.0, 1.0, 2.0, 100.0));
    assertThat(even.median()).isEqualTo(3);
    assertThat(even.min()).isEqualTo(1);
    assertThat(even.max()).isEqualTo(100);
    assertThat(even.seconds()).containsExactly(4.0, 1.0, 2.0, 100.0); // as they were taken
  }

  @Test
  void nothingIsKnownOfNothing() {
    assertThat(Measurement.NONE.median()).isNaN();
    assertThat(Measurement.NONE.min()).isNaN();
    assertThat(Measurement.NONE.max()).isNaN();
  }

  @Test
  void timesAreTakenFromThings() {
    List<String> things = new ArrayList<>(List.of("a", "bbb", "cc"));
    Measurement lengths = Measurement.of(things, String::length);
    things.clear();
    assertThat(lengths.seconds()).containsExactly(1.0, 3.0, 2.0);
  }
}
