package org.megalab.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class FlopsTest {

  /** Multiplications and additions of (m, k) times (k, n). */
  private static double matmul(double m, double k, double n) {
    return 2 * m * k * n;
  }

  /** 24 · 22 · 1024², 2 · 22 · 1024 · 1024 and 2 · 1024 · 256. */
  @Test
  void plainTransformerOfThePaper() {
    Flops flops = ByteTransformerConfig.preset("text").flops(1024);
    assertThat(flops).isEqualTo(new Flops(553_648_128, 46_137_344, 0, 524_288));
    assertThat(flops.total()).isEqualTo(600_309_760);
    assertThat(flops.training()).isEqualTo(1_800_929_280);
    assertThat(ByteTransformerConfig.preset("text").flopsPerByte(1024)).isEqualTo(600_309_760);
  }

  /**
   * MEGABYTE 758M + 262M: D 2048, L 14 and D 1024, L 18, P 8, r 8, T 8192. Weights (24 · 14 ·
   * 2048²) / 8 + 24 · 18 · 1024² + 2 · 256 · 1024, attention (2 · 14 · 1024 · 2048) / 8 + 2 · 18 ·
   * 16 · 1024.
   */
  @Test
  void megabyteOfThePaper() {
    Flops flops = MegabyteConfig.preset("text").flops(8192);
    assertThat(flops.weights()).isEqualTo(176_160_768.0 + 452_984_832 + 524_288);
    assertThat(flops.attention()).isEqualTo(7_340_032.0 + 589_824);
    assertThat(flops.output()).isEqualTo(524_288);
    assertThat(MegabyteConfig.preset("text-no-global").flops(8192))
        .isEqualTo(new Flops(24.0 * 24 * 1024 * 1024, 2.0 * 24 * 16 * 1024, 0, 524_288));
    Flops noLocal = MegabyteConfig.preset("text-no-local").flops(8192);
    assertThat(noLocal.weights()).isEqualTo(24.0 * 20 * 2560 * 2560 / 4 + 2.0 * 640 * 1024);
    // 3, 5 and 7 taps from D_G = 256 to 256
    double encoder =
        MegabyteConfig.preset("text-cnn-encoder").flops(8192).weights()
            - 24.0 * 13 * 2048 * 2048 / 8
            - 452_984_832
            - 524_288;
    assertThat(encoder).isCloseTo(2.0 * 15 * 256 * 256, within(1e-3));
  }

  /** In a model of the size of GPT-3 quadratic attention is about 1.4 %, the weights over 98 %. */
  @Test
  void sharesInAModelOfTheSizeOfGpt3() {
    Flops flops = Flops.transformer(TransformerSize.of(12288, 96, 96), 2048);
    assertThat(flops.attention() / flops.total()).isCloseTo(0.0137, within(5e-5));
    assertThat(flops.weights() / flops.total()).isGreaterThan(0.98);
    assertThat(Flops.linearAttention(12288).times(96).attention()).isEqualTo(9.0 * 96 * 12288);
  }

  /** The global model is an eighth as dear as its parameters say, and its attention a 64th. */
  @Test
  void megabyteBeatsThePlainTransformer() {
    MegabyteConfig megabyte = MegabyteConfig.preset("pg19-1.3b");
    ByteTransformerConfig plain = ByteTransformerConfig.preset("text");
    assertThat(megabyte.parameterCount()).isGreaterThan(4 * plain.parameterCount());
    for (int length : new int[] {8192, 65_536, 1 << 20}) {
      assertThat(megabyte.flopsPerByte(length))
          .as("T = %d", length)
          .isLessThan(plain.flopsPerByte(length));
    }
    double before = plain.flopsPerByte(1 << 19) / megabyte.flopsPerByte(1 << 19);
    assertThat(plain.flopsPerByte(1 << 20) / megabyte.flopsPerByte(1 << 20))
        .as("the longer, the more")
        .isGreaterThan(before);
  }

  /** What is linear in the length costs the same a byte at any. */
  @Test
  void boundedContextsDoNotGrow() {
    for (ModelConfig config :
        List.of(
            MegalodonConfig.preset("1.3b"),
            S4dConfig.preset("small"),
            TransformerXlConfig.preset("enwik8-base"))) {
      assertThat(config.flopsPerByte(1 << 20))
          .as(config.architecture())
          .isEqualTo(config.flopsPerByte(1 << 14));
    }
  }

  /** A parameter's matrix, and how often a byte meets it. */
  private record Rate(ModelConfig config, ToDoubleFunction<String> rate) {}

  static Stream<Arguments> rates() {
    MegabyteConfig megabyte =
        MegabyteConfig.preset("tiny").toBuilder()
            .optConvolutionalEncoder(List.of(3, 5))
            .optTiedOutput(false)
            .build();
    HierarchicalMegabyteConfig levels = HierarchicalMegabyteConfig.preset("tiny");
    MultiStageMegabyteConfig stages = MultiStageMegabyteConfig.preset("enwik8");
    PerceiverArConfig perceiver = PerceiverArConfig.preset("tiny");
    TransformerXlConfig xl = TransformerXlConfig.preset("enwik8-base");
    return Stream.of(
            new Rate(ByteTransformerConfig.preset("tiny"), name -> 1),
            new Rate(LlamaConfig.preset("tiny").toBuilder().optKeyValueHeads(2).build(), n -> 1),
            new Rate(MegaConfig.preset("tiny"), name -> 1),
            new Rate(MegalodonConfig.preset("tiny"), name -> 1),
            new Rate(
                MegalodonConfig.preset("tiny").toBuilder().optSwiglu(false).build(), name -> 1),
            new Rate(S4dConfig.preset("tiny"), name -> 1),
            new Rate(megabyte, name -> name.startsWith("global.") ? 1.0 / megabyte.patchSize() : 1),
            new Rate(
                levels, name -> 1.0 / levels.bytesPerItem(name.charAt("levels.".length()) - '0')),
            new Rate(stages, name -> rate(stages, name)),
            new Rate(
                perceiver,
                // blocks of 64 with prefixes of 0, 64, 128 and 192
                name -> name.contains("keyValue") ? 1 + 96.0 / 64 : 1),
            // queries of a segment, keys and values of the memory too
            new Rate(
                xl,
                name -> {
                  double keys = (double) xl.segmentLength() + xl.memoryLength();
                  double both = (1 + 2 * keys / xl.segmentLength()) / 3;
                  return name.contains("qkv") ? both : name.contains("position") ? 0 : 1;
                }))
        .map(each -> Arguments.of(each.config, each.rate));
  }

  private static double rate(MultiStageMegabyteConfig config, String name) {
    int stage =
        name.startsWith("stages.") ? name.charAt("stages.".length()) - '0' : config.stages() - 1;
    double group = config.stageLengths().get(stage);
    double starts =
        name.contains("transformer") || name.startsWith("head") ? (group + 1) / group : 1;
    return starts / config.bytesPerToken(stage);
  }

  /** The matrices of the real model, counted by their shapes. */
  @ParameterizedTest
  @MethodSource("rates")
  void weightsAreThoseOfTheModel(ModelConfig config, ToDoubleFunction<String> rate) {
    double[] expected = {0};
    long[] matrices = {0};
    boolean[] head = {false};
    SequenceModel model = config.newModel();
    model
        .namedParameters()
        .forEach(
            (name, parameter) -> {
              Shape shape = parameter.getShape();
              boolean looked = name.matches(".*([eE]mbedding|[pP]ositions?|[pP]ad|start)\\.weight");
              boolean product = name.endsWith(".weight") && shape.dimension() > 1;
              if (product && (!looked || name.contains("attention.position"))) {
                expected[0] += 2 * shape.size() * rate.applyAsDouble(name);
                matrices[0]++;
                head[0] |= name.startsWith("head");
              }
            });
    if (!head[0]) { // tied to the table of the finest level
      Shape table =
          model.namedParameters().entrySet().stream()
              .filter(each -> each.getKey().matches(".*([eE]mbedding).weight"))
              .reduce((first, second) -> second)
              .orElseThrow()
              .getValue()
              .getShape();
      expected[0] += 2.0 * 256 * table.get(1); // a row of its own for the start is no symbol
    }
    Flops flops = config.flops(config.contextLength());
    assertThat(matrices[0]).isGreaterThan(5);
    assertThat(flops.weights() + flops.output()).isCloseTo(expected[0], withinPercentage(1e-9));
  }

  /** Every product of one window of a small Llama with grouped heads. */
  @Test
  void productsOfLlama() {
    LlamaConfig c = LlamaConfig.preset("tiny").toBuilder().optKeyValueHeads(2).build();
    int t = 100;
    double sum = matmul(t, c.modelDim(), c.vocabularySize());
    for (int layer = 0; layer < c.layers(); layer++) {
      sum += 2 * matmul(t, c.modelDim(), c.modelDim());
      sum += 2 * matmul(t, c.modelDim(), c.keyValueHeads() * c.headDim());
      for (int head = 0; head < c.heads(); head++) {
        sum += matmul(t, c.headDim(), t) + matmul(t, t, c.headDim());
      }
      sum += 3 * matmul(t, c.modelDim(), c.feedForwardDim());
    }
    assertThat(c.flops(t).fullAttention().total()).isEqualTo(sum / t);
  }

  /** Every product of one window of MEGABYTE with attention into the patch before. */
  @Test
  void productsOfMegabyte() {
    MegabyteConfig c =
        MegabyteConfig.preset("tiny").toBuilder()
            .optLocalPosition(MegabyteConfig.Position.ROTARY)
            .optCrossPatch(3)
            .build();
    TransformerSize global = c.global();
    TransformerSize local = c.local();
    int p = c.patchSize();
    int k = 16;
    double t = k * p;
    double sum = matmul(t, local.modelDim(), 256) + matmul(t, c.globalByteDim(), local.modelDim());
    for (int layer = 0; layer < global.layers(); layer++) {
      sum += 4 * matmul(k, global.modelDim(), global.modelDim());
      sum += 2 * global.heads() * matmul(k, global.headDim(), k);
      sum += 2 * matmul(k, global.modelDim(), global.feedForwardDim());
    }
    for (int layer = 0; layer < local.layers(); layer++) {
      sum += 4 * matmul(t, local.modelDim(), local.modelDim());
      sum += 2.0 * k * local.heads() * matmul(p, local.headDim(), p + 3);
      sum += 2 * matmul(t, local.modelDim(), local.feedForwardDim());
    }
    assertThat(c.flops((int) t).fullAttention().total()).isCloseTo(sum / t, within(1e-6));
  }

  /** Every product of three chunks of MEGALODON, and its moving average step by step. */
  @Test
  void productsOfMegalodon() {
    MegalodonConfig c = MegalodonConfig.preset("tiny");
    int d = c.modelDim();
    int chunk = c.chunkSize();
    double t = 3.0 * chunk;
    double sum = matmul(t, d, c.vocabularySize());
    double average = 0;
    for (int layer = 0; layer < c.layers(); layer++) {
      sum += matmul(t, d, c.sharedDim()) + 2 * matmul(t, d, c.valueDim());
      sum += matmul(t, d, d) + matmul(t, c.valueDim(), d);
      sum += 3 * matmul(chunk, c.sharedDim(), chunk) + 3 * matmul(chunk, chunk, c.valueDim());
      sum += (c.swiglu() ? 3 : 2) * matmul(t, d, c.feedForwardDim());
      int complexProduct = 4 + 2;
      int input = 1 + 1; // p x, added to the real part
      int realPart = 2 + 1 + 1; // of g h, and summed
      average += t * d * c.emaModes() * (complexProduct + input + realPart);
    }
    Flops flops = c.flops((int) t).fullAttention();
    assertThat(flops.recurrence()).isEqualTo(average / t);
    assertThat(flops.total()).isEqualTo((sum + average) / t);
  }

  /** 12 L D² and what else the layers hold: biases and norms, 13 D each, and the last norm. */
  @ParameterizedTest
  @ValueSource(strings = {"tiny", "text"})
  void nonEmbeddingParameters(String preset) {
    ByteTransformerConfig config = ByteTransformerConfig.preset(preset);
    long d = config.modelDim();
    long embedding = (256 + 1 + config.contextLength()) * d;
    assertThat(config.embeddingParameterCount()).isEqualTo(embedding);
    assertThat(config.parameterCount() - embedding)
        .isEqualTo(config.layers() * (12 * d * d + 13 * d) + 2 * d);
  }

  /** Every table of every architecture is recognised, and nothing else. */
  @Test
  void embeddingsOfTheArchitectures() {
    assertThat(LlamaConfig.preset("7b").embeddingParameterCount()).isEqualTo(2L * 32_000 * 4096);
    assertThat(MegalodonConfig.preset("7.3b").embeddingParameterCount())
        .isEqualTo(2L * 32_000 * 4096);
    MegabyteConfig megabyte = MegabyteConfig.preset("text");
    assertThat(megabyte.embeddingParameterCount())
        .isEqualTo(256L * 1024 + 256L * 256 + 8192L * 256);
    TransformerXlConfig xl = TransformerXlConfig.preset("tiny");
    assertThat(xl.embeddingParameterCount()).isEqualTo((256L + 1) * xl.modelDim());
    PerceiverArConfig perceiver = PerceiverArConfig.preset("text");
    assertThat(perceiver.embeddingParameterCount())
        .isEqualTo((257L + (perceiver.tiedOutput() ? 0 : 256)) * 1024 + 8192L * 1024);
  }
}
