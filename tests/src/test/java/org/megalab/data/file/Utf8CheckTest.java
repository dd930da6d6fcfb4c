package org.megalab.data.file;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

class Utf8CheckTest {

  private static long check(byte[] bytes, int piece) {
    Utf8Check utf8 = new Utf8Check();
    for (int i = 0; i < bytes.length; i += piece) {
      long wrong = utf8.accept(bytes, i, Math.min(piece, bytes.length - i));
      if (wrong >= 0) {
        return wrong;
      }
    }
    return utf8.end();
  }

  /** Where the JDK's decoder stops: the start of the malformed character, and its length. */
  private static long[] jdk(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    var result = UTF_8.newDecoder().decode(in, CharBuffer.allocate(bytes.length + 1), true);
    return result.isUnderflow() ? new long[] {-1, 0} : new long[] {in.position(), result.length()};
  }

  @Test
  void agreesWithTheJdkOnRandomBytes() {
    Random random = new Random(1);
    int[] interesting = {0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1};
    int[] more = {0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF, 'a', 'b'};
    int good = 0;
    for (int i = 0; i < 200_000; i++) {
      byte[] bytes = new byte[1 + random.nextInt(6)];
      for (int b = 0; b < bytes.length; b++) {
        int[] from = random.nextBoolean() ? interesting : more;
        bytes[b] = (byte) from[random.nextInt(from.length)];
      }
      long wrong = check(bytes, 1 + random.nextInt(3));
      long[] expected = jdk(bytes);
      if (expected[0] < 0) {
        assertThat(wrong).isEqualTo(-1);
        good++;
      } else {
        // the first byte that cannot be: within the malformed character, or just behind it
        assertThat(wrong).isBetween(expected[0], expected[0] + expected[1]);
      }
    }
    assertThat(good).isGreaterThan(1000);
  }

  @Test
  void everyCharacterPasses() {
    StringBuilder all = new StringBuilder();
    for (int c = 0; c <= 0x10FFFF; c += c < 0x3000 ? 1 : 7) {
      if (c < 0xD800 || c > 0xDFFF) {
        all.appendCodePoint(c);
      }
    }
    assertThat(check(all.toString().getBytes(UTF_8), 1000)).isEqualTo(-1);
  }
}
