package org.megalab.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class CellTest {
  @Test
  void anUnfinishedCharacterWaits() {
    byte[] text = "aé€😀".getBytes(StandardCharsets.UTF_8); // 1 + 2 + 3 + 4 bytes
    int[] whole = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10};
    for (int length = 0; length <= text.length; length++) {
      assertThat(Cell.wholeCharacters(Arrays.copyOf(text, length))).isEqualTo(whole[length]);
    }
  }

  @Test
  void bytesThatAreNoUtf8DoNotWait() {
    assertThat(Cell.wholeCharacters(new byte[] {(byte) 0x80, (byte) 0x80})).isEqualTo(2);
  }
}
