package org.megalab.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Records without builders, as they are declared in notebook cells. */
class RecordJsonTest {
  private enum Kind {
    ROUND,
    SQUARE
  }

  private record Part(int size, Kind kind) {}

  private record Whole(int width, double rate, boolean gated, List<Integer> sizes, Part part) {
    Whole {
      ConfigException.check(width > 0, "width must be positive, got %d", width);
    }
  }

  private static final Whole WHOLE =
      new Whole(8, 0.5, true, List.of(1, 2), new Part(3, Kind.SQUARE));

  @Test
  void isReadThroughItsConstructor() {
    assertThat(RecordJson.read(RecordJson.parse(RecordJson.write(WHOLE)), Whole.class))
        .isEqualTo(WHOLE);
  }

  @Test
  void startsFromAnother() {
    Whole read =
        RecordJson.readOver(
            WHOLE,
            RecordJson.parse("{\"width\": 9, \"part\": {\"kind\": \"round\"}}"),
            Whole.class);
    assertThat(read).isEqualTo(new Whole(9, 0.5, true, List.of(1, 2), new Part(3, Kind.ROUND)));
  }

  @Test
  void saysWhatIsMissingUnknownOrWrong() {
    assertThatThrownBy(() -> RecordJson.read(RecordJson.parse("{\"size\": 1}"), Part.class))
        .isInstanceOf(ConfigException.class)
        .hasMessage("the key \"kind\" is missing; needed are kind, size");
    assertThatThrownBy(() -> over("{\"widht\": 1}"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("did you mean \"width\"?")
        .hasMessageContaining("allowed are gated, part, rate, sizes, width");
    assertThatThrownBy(() -> over("{\"gated\": 1}"))
        .isInstanceOf(ConfigException.class)
        .hasMessage("gated must be of type boolean, got 1");
    assertThatThrownBy(() -> over("{\"part\": {\"size\": 1.5}}"))
        .isInstanceOf(ConfigException.class)
        .hasMessage("in \"part\": size must be a whole number in range, got 1.5");
    assertThatThrownBy(() -> over("{\"width\": -1}"))
        .isInstanceOf(ConfigException.class)
        .hasMessage("width must be positive, got -1");
  }

  private static Whole over(String json) {
    return RecordJson.readOver(WHOLE, RecordJson.parse(json), Whole.class);
  }
}
