package org.megalab;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ReactorTest {
  @Test
  void rootIsKnown() {
    assertThat(System.getProperty("megalab.root")).isNotBlank();
  }
}
