package org.megalab.generate;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class StopConditionTest {

  /** What is written of a text before it stops, and why. */
  private static String run(StopCondition stop, String text) {
    byte[] bytes = text.getBytes(UTF_8);
    for (int n = 1; n <= bytes.length; n++) {
      String reason = stop.reason(ByteBuffer.wrap(bytes, 0, n).slice().asReadOnlyBuffer());
      if (reason != null) {
        return new String(bytes, 0, n, UTF_8) + " (" + reason + ")";
      }
    }
    return text;
  }

  @Test
  void endsWithTheByteThatFulfilsIt() {
    assertThat(run(StopCondition.at('.'), "one. two.")).isEqualTo("one. (byte 46)");
    assertThat(run(StopCondition.text(". t"), "one. two.")).isEqualTo("one. t (text \". t\")");
    assertThat(run(StopCondition.text("é"), "caffè é")).isEqualTo("caffè é (text \"é\")");
    assertThat(run(StopCondition.at(new byte[] {'w', 'o'}), "one. two."))
        .isEqualTo("one. two (bytes [119, 111])");
    assertThat(run(StopCondition.length(3), "one. two.")).isEqualTo("one (length)");
    assertThat(run(StopCondition.NEVER, "one. two.")).isEqualTo("one. two.");
    assertThat(run(StopCondition.text("aab"), "aaab")).isEqualTo("aaab (text \"aab\")");
    assertThat(run(StopCondition.when("two vowels", w -> w.get(0) == 'o' && w.limit() > 1), "one"))
        .isEqualTo("on (two vowels)");
  }

  @Test
  void theFirstOfSeveralGivesTheReason() {
    StopCondition stop = StopCondition.text("\n\n").or(StopCondition.length(8));
    assertThat(run(stop, "a\n\nb")).isEqualTo("a\n\n (text \"\n\n\")");
    assertThat(run(stop, "a\nb\nc\nd\ne\n\n")).isEqualTo("a\nb\nc\nd\n (length)");
  }

  @Test
  void linesEndAsUnicodeSays() {
    assertThat(run(StopCondition.endOfLine(), "a à\nb")).isEqualTo("a à\n (end of line)");
    assertThat(run(StopCondition.endOfLine(), "a\u2028b")).isEqualTo("a\u2028 (end of line)");
    assertThat(run(StopCondition.endOfLine(), "a\u0085b")).isEqualTo("a\u0085 (end of line)");
    // U+0145 ends in the byte 0x85, U+202A begins as U+2028 does.
    assertThat(run(StopCondition.endOfLine(), "\u0145\u202A")).isEqualTo("\u0145\u202A");
  }

  @Test
  void nothingToStopAtIsRefused() {
    assertThatThrownBy(() -> StopCondition.text("")).hasMessageContaining("NEVER");
    assertThatThrownBy(() -> StopCondition.at(256)).hasMessageContaining("256");
  }
}
