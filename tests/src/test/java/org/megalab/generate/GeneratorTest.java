package org.megalab.generate;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.megalab.json.ConfigException;
import org.megalab.model.MegabyteConfig;
import org.megalab.model.SequenceModel;
import org.megalab.model.TransformerSize;

class GeneratorTest {
  private static SequenceModel model() {
    return MegabyteConfig.builder()
        .setContextLength(24)
        .setPatchSize(4)
        .setGlobal(TransformerSize.of(16, 1, 2))
        .setLocal(TransformerSize.of(8, 1, 2))
        .optInitStd(0.5)
        .build()
        .newModel()
        .initialize(Device.cpu(), 4);
  }

  @Test
  void greedyBytesAreThoseOfTheFullForward() {
    try (SequenceModel model = model();
        NDManager manager = NDManager.newBaseManager()) {
      byte[] bytes = "prompt".getBytes(UTF_8);
      Generation generation = new Generator(model, new Sampling(0, 0, 1, 1)).generate(bytes, 17);
      for (byte expected : generation.bytes()) {
        // One more byte, whose value its own row does not depend on.
        byte[] longer = java.util.Arrays.copyOf(bytes, bytes.length + 1);
        NDArray row = model.logits(SequenceModel.ids(manager, longer)).get("0, {}", bytes.length);
        assertThat((byte) row.argMax().getLong()).isEqualTo(expected);
        longer[bytes.length] = expected;
        bytes = longer;
      }
      assertThat(bytes).hasSize(23);
    }
  }

  @Test
  void goesOnBeyondTheContextAndIsDeterministic() {
    try (SequenceModel model = model()) {
      Generator generator = new Generator(model, Sampling.builder().optSeed(5).optTopK(20).build());
      List<Integer> streamed = new ArrayList<>();
      byte[] first = generator.generate("".getBytes(UTF_8), 100, streamed::add).bytes();
      assertThat(first).hasSize(100);
      assertThat(streamed).hasSize(100).allSatisfy(b -> assertThat(b).isBetween(0, 255));
      assertThat(generator.generate("".getBytes(UTF_8), 100).bytes()).isEqualTo(first);
      Generator other = new Generator(model, Sampling.builder().optSeed(6).optTopK(20).build());
      assertThat(other.generate("".getBytes(UTF_8), 100).bytes()).isNotEqualTo(first);
      byte[] longPrompt = new byte[1000];
      assertThat(generator.generate(longPrompt, 3).bytes()).hasSize(3);
      assertThat(generator.generate(longPrompt, 0).bytes()).isEmpty();
      assertThatThrownBy(() -> generator.generate(longPrompt, -1)).hasMessageContaining("-1");
    }
  }

  @Test
  void interruptKeepsWhatIsThere() {
    try (SequenceModel model = model()) {
      int[] count = {0};
      Generation cut =
          new Generator(model, Sampling.builder().build())
              .generate(
                  new byte[0],
                  1000,
                  b -> {
                    if (++count[0] == 7) {
                      Thread.currentThread().interrupt();
                    }
                  });
      assertThat(Thread.interrupted()).isTrue();
      assertThat(cut.interrupted()).isTrue();
      assertThat(cut.bytes()).hasSize(7);
    }
  }

  @Test
  void drawsFollowTheDistribution() {
    float[] logits = {
      (float) Math.log(0.5), (float) Math.log(0.3), (float) Math.log(0.15), (float) Math.log(0.05)
    };
    assertThat(shares(Sampling.builder().build(), logits))
        .containsExactly(new double[] {0.5, 0.3, 0.15, 0.05}, within(0.01));
    assertThat(shares(Sampling.builder().optTopK(2).build(), logits))
        .containsExactly(new double[] {0.625, 0.375, 0, 0}, within(0.01));
    assertThat(shares(Sampling.builder().optTopP(0.8).build(), logits))
        .containsExactly(new double[] {0.625, 0.375, 0, 0}, within(0.01));
    assertThat(shares(Sampling.builder().optTopP(0.81).build(), logits)[2]).isGreaterThan(0.1);
    assertThat(shares(Sampling.builder().optTemperature(0).build(), logits))
        .containsExactly(1, 0, 0, 0);
    double[] cold = shares(Sampling.builder().optTemperature(0.5).build(), logits);
    assertThat(cold[0]).isCloseTo(0.25 / (0.25 + 0.09 + 0.0225 + 0.0025), within(0.01));
    assertThatThrownBy(() -> Sampling.builder().optTopP(0).build())
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("topP");
    assertThatThrownBy(() -> Sampling.builder().optTemperature(-1).build())
        .hasMessageContaining("temperature");
    assertThatThrownBy(
            () ->
                new Sampling(1, 0, 1, 1).draw(new float[] {0, Float.NaN}, new SplittableRandom(1)))
        .hasMessageContaining("not numbers");
  }

  private static double[] shares(Sampling sampling, float[] logits) {
    double[] shares = new double[logits.length];
    SplittableRandom random = new SplittableRandom(3);
    for (int i = 0; i < 20_000; i++) {
      shares[sampling.draw(logits, random)] += 1 / 20_000.0;
    }
    for (int i = 0; i < shares.length; i++) {
      shares[i] = Math.round(shares[i] * 1e6) / 1e6;
    }
    return shares;
  }

  @Test
  void charactersAreNeverBroken() {
    String text = "aé€😀z";
    List<String> parts = new ArrayList<>();
    try (Utf8Stream stream = new Utf8Stream(parts::add)) {
      for (byte b : text.getBytes(UTF_8)) {
        stream.accept(b & 0xff);
      }
      stream.accept(0xff);
      stream.accept('x');
      stream.accept(0xe2); // cut off
    }
    assertThat(parts).containsExactly("a", "é", "€", "😀", "z", "\uFFFD", "x", "\uFFFD");
  }
}
