package org.megalab.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NearestTest {

  @Test
  void theNameThatDiffersLeastIsMeant() {
    List<String> names = List.of("--batch-size", "--background", "--bytes");
    assertThat(Nearest.of("--backgruond", names)).contains("--background");
    assertThat(Nearest.of("--BYTES", names)).contains("--bytes");
    assertThat(Nearest.of("--byte", List.of("--bytes", "--bite"))).contains("--bytes");
    assertThat(Nearest.of("--seed", names)).isEmpty();
    assertThat(Nearest.of("--seed", List.of())).isEmpty();
  }
}
