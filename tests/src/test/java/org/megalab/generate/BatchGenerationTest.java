package org.megalab.generate;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.megalab.model.LlamaConfig;
import org.megalab.model.MegabyteConfig;
import org.megalab.model.MegalodonConfig;
import org.megalab.model.ModelConfig;
import org.megalab.model.SequenceModel;
import org.megalab.model.TransformerSize;

class BatchGenerationTest {

  static final ModelConfig MEGABYTE =
      MegabyteConfig.builder()
          .setContextLength(24)
          .setPatchSize(4)
          .setGlobal(TransformerSize.of(16, 1, 2))
          .setLocal(TransformerSize.of(8, 1, 2))
          .optInitStd(0.5)
          .build();

  static Stream<ModelConfig> configs() {
    return Stream.of(
        MEGABYTE,
        LlamaConfig.preset("tiny").toBuilder().setContextLength(32).build(),
        MegalodonConfig.preset("tiny"));
  }

  private static byte[] utf8(String text) {
    return text.getBytes(UTF_8);
  }

  private static Sampling seed(long seed) {
    return Sampling.builder().optSeed(seed).optTopK(30).build();
  }

  /** Prompts of any length, also longer than the context, and texts that go on beyond it. */
  @ParameterizedTest
  @MethodSource("configs")
  void eachSequenceIsWhatAGeneratorOfItsSeedWritesAlone(ModelConfig config) {
    List<byte[]> prompts =
        List.of(utf8("prompt"), utf8(""), utf8("a longer prompt"), utf8("x"), new byte[60]);
    try (SequenceModel model = config.newModel().initialize(Device.cpu(), 4)) {
      List<Generation> together = new Generator(model, seed(10)).generate(prompts, 50);
      assertThat(together).hasSize(5);
      for (int i = 0; i < 5; i++) {
        Generation alone = new Generator(model, seed(10 + i)).generate(prompts.get(i), 50);
        assertThat(together.get(i).bytes()).as("prompt %d", i).isEqualTo(alone.bytes());
        assertThat(together.get(i).reason()).isEqualTo("length");
        assertThat(together.get(i).seconds()).isPositive();
      }
      List<Generation> other =
          new Generator(model, seed(10)).generate(List.of(prompts.get(0), utf8("zz")), 50);
      assertThat(other.get(0).bytes()).isEqualTo(together.get(0).bytes());
    }
  }

  @Test
  void equalPromptsGetTextsOfTheirOwn() {
    try (SequenceModel model = MEGABYTE.newModel().initialize(Device.cpu(), 4)) {
      Generator generator = new Generator(model, seed(1));
      List<byte[]> prompts = Collections.nCopies(4, utf8("ab"));
      List<Generation> texts = generator.generate(prompts, 20);
      assertThat(texts.stream().map(g -> ByteBuffer.wrap(g.bytes())).distinct()).hasSize(4);
      assertThat(generator.generate(prompts, 0)).allMatch(g -> g.bytes().length == 0);
      assertThatThrownBy(() -> generator.generate(List.of(), 5)).hasMessageContaining("prompt");
      assertThatThrownBy(() -> generator.generate(prompts, -5)).hasMessageContaining("-5");
    }
  }

  @Test
  void aSequenceThatEndsLeavesTheOthersAlone() {
    try (SequenceModel model = MEGABYTE.newModel().initialize(Device.cpu(), 4)) {
      List<byte[]> prompts = List.of(utf8("one"), utf8("another"), utf8(""));
      Generator generator = new Generator(model, seed(1));
      List<Generation> whole = generator.generate(prompts, 60);
      byte stop = whole.get(1).bytes()[7];
      List<Generation> stopped = generator.generate(prompts, 60, StopCondition.at(stop & 0xFF));
      boolean early = false;
      for (int i = 0; i < 3; i++) {
        String all = latin(whole.get(i));
        int at = all.indexOf((char) (stop & 0xFF));
        String expected = at < 0 ? all : all.substring(0, at + 1);
        assertThat(latin(stopped.get(i))).isEqualTo(expected);
        assertThat(stopped.get(i).reason()).isEqualTo(at < 0 ? "length" : "byte " + (stop & 0xFF));
        early |= at >= 0 && at < 59;
      }
      assertThat(early).isTrue();
    }
  }

  private static String latin(Generation generation) {
    return new String(generation.bytes(), java.nio.charset.StandardCharsets.ISO_8859_1);
  }

  @Test
  void anInterruptEndsAllAndKeepsWhatIsThere() {
    try (SequenceModel model = MEGABYTE.newModel().initialize(Device.cpu(), 4)) {
      StopCondition interrupt =
          StopCondition.when(
              "never",
              written -> {
                if (written.limit() == 9) {
                  Thread.currentThread().interrupt();
                }
                return false;
              });
      List<Generation> cut =
          new Generator(model, seed(1)).generate(List.of(utf8("a"), utf8("bcd")), 1000, interrupt);
      assertThat(Thread.interrupted()).isTrue();
      assertThat(cut).allMatch(Generation::interrupted);
      assertThat(cut.get(0).bytes()).hasSize(9);
      assertThat(cut.get(1).bytes()).hasSize(7); // its prompt is two bytes longer
    }
  }
}
