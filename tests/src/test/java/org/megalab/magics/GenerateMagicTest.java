package org.megalab.magics;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.megalab.generate.Generation;
import org.megalab.generate.Generator;
import org.megalab.generate.Sampling;

/** {@code %generate}: what is written, and what ends it. */
class GenerateMagicTest extends MagicsFixture {

  @Test
  void generatePrintsPromptAndTextAsValidUtf8() throws Exception {
    Generation generation =
        (Generation) line("generate", "größer", "–", "--bytes", "40", "--seed", "3");
    assertThat(generation.bytes()).hasSize(40);
    assertThat(stdout())
        .startsWith("größer –" + GenerateMagic.visible(generation.text()))
        .containsPattern("\\n\\[[\\d,]+ bytes/s]\\n$");
    Generation same =
        new Generator(model(), new Sampling(1, 0, 1, 3))
            .generate("größer –".getBytes(StandardCharsets.UTF_8), 40);
    assertThat(generation.bytes()).isEqualTo(same.bytes());
  }

  @Test
  void generatedControlCharactersAreVisible() {
    assertThat(GenerateMagic.visible("a\u001b[31m\r\n\tb\b\u007f\u0000ß"))
        .isEqualTo("a␛[31m␍\n\tb␈␡␀ß");
  }

  @Test
  void generateIsRepeatableAndNeedsNoPrompt() throws Exception {
    Generation one = (Generation) line("generate", "--bytes", "20", "--temperature", "0");
    Generation two =
        (Generation) line("generate", "--bytes", "20", "--temperature", "0", "--seed", "5");
    assertThat(one.bytes()).isEqualTo(two.bytes());
  }

  @Test
  void generateWritesSeveralTextsAtOnce() throws Exception {
    List<?> texts =
        (List<?>) line("generate", "one", "--bytes", "20", "--seed", "5", "--batch", "3");
    assertThat(texts).hasSize(3);
    for (int i = 0; i < 3; i++) {
      Generation alone =
          new Generator(model(), new Sampling(1, 0, 1, 5 + i))
              .generate("one".getBytes(StandardCharsets.UTF_8), 20);
      assertThat(((Generation) texts.get(i)).bytes()).isEqualTo(alone.bytes());
      assertThat(stdout())
          .contains("[seed " + (5 + i) + "]", "one" + GenerateMagic.visible(alone.text()));
    }
  }

  @Test
  void generateStopsAtATextOrTheEndOfTheLine() throws Exception {
    String whole = ((Generation) line("generate", "--bytes", "300", "--threshold", "0.9")).text();
    String stop = whole.substring(40, 41);
    Generation stopped =
        (Generation)
            line(
                "generate",
                "--bytes",
                "300",
                "--threshold",
                "0.9",
                "--stop",
                "nowhere",
                "--stop",
                stop);
    assertThat(stopped.reason()).isEqualTo("text \"" + stop + "\"");
    assertThat(stopped.text()).isEqualTo(whole.substring(0, whole.indexOf(stop) + 1));
    assertThat(stdout()).containsPattern("bytes/s; text \"");
    // A model that was not trained writes a line feed every 256 bytes or so.
    Generation line = (Generation) line("generate", "--bytes", "5000", "--stop", "\\n");
    assertThat(line.reason()).isEqualTo("text \"\n\"");
    assertThat(line.text()).endsWith("\n");
    assertThat(stdout()).contains("text \"␊\"");
    assertThat(((Generation) line("generate", "--bytes", "5000", "--line")).reason())
        .isEqualTo("end of line");
  }
}
