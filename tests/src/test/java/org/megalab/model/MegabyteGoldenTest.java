package org.megalab.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import java.util.Arrays;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.megalab.model.MegabyteConfig.Position;

/** The written oracles, computed independently in float64. */
class MegabyteGoldenTest {
  private static final double TOLERANCE = 1e-9;

  @Test
  void paperPresetInFloat64() {
    double[][] rows = golden(0);
    close(
        rows[0],
        0.1408564447,
        -1.2450962418,
        1.2561023366,
        -0.1642110312,
        -1.0718627297,
        1.3668072662,
        -0.4616519889);
    close(
        rows[3],
        2.0848438087,
        -2.9620116633,
        1.2384400182,
        1.5725209554,
        -3.0027590190,
        1.7964801217,
        0.9871648849);
    close(
        rows[4],
        0.5764819793,
        -1.7087100185,
        1.3406368625,
        0.2045576690,
        -1.5701441265,
        1.5570946048,
        -0.1768669947);
    close(
        rows[8],
        -0.3555698942,
        0.3559596386,
        -0.0438056128,
        -0.3068111202,
        0.3880380297,
        -0.1285553317,
        -0.2438029951);
    assertThat(Arrays.stream(rows).flatMapToDouble(Arrays::stream).sum())
        .isCloseTo(5.5177976867, within(TOLERANCE));
    assertThat(Arrays.stream(rows).flatMapToDouble(Arrays::stream).map(Math::abs).sum())
        .isCloseTo(78.9643296918, within(TOLERANCE));
  }

  /** The same parameters, with cross-patch attention r = 2 and rotation in the local model. */
  @Test
  void crossPatchAttentionInFloat64() {
    double[][] rows = golden(2);
    close(
        rows[0],
        0.1408564447,
        -1.2450962418,
        1.2561023366,
        -0.1642110312,
        -1.0718627297,
        1.3668072662,
        -0.4616519889);
    close(
        rows[3],
        2.0319287733,
        -2.8191547005,
        1.1310740391,
        1.5501252406,
        -2.8702657532,
        1.6702225637,
        0.9963286239);
    close(
        rows[4],
        0.5781271302,
        -1.7983409889,
        1.4395548383,
        0.1832057849,
        -1.6451059607,
        1.6625513066,
        -0.2202242596);
    close(
        rows[8],
        -0.3379841753,
        0.3745834617,
        -0.0822866749,
        -0.2822604033,
        0.3989739603,
        -0.1653758185,
        -0.2134274989);
    assertThat(Arrays.stream(rows).flatMapToDouble(Arrays::stream).sum())
        .isCloseTo(5.4712695314, within(TOLERANCE));
    assertThat(Arrays.stream(rows).flatMapToDouble(Arrays::stream).map(Math::abs).sum())
        .isCloseTo(78.7499568814, within(TOLERANCE));
  }

  /** All rows of goldens A (r = 0, no local positions) and B. */
  private static double[][] golden(int crossPatch) {
    MegabyteConfig config =
        MegabyteConfig.builder()
            .optVocabularySize(7)
            .setContextLength(9)
            .setPatchSize(3)
            .setGlobal(new TransformerSize(12, 1, 2, 2))
            .setLocal(new TransformerSize(8, 1, 2, 2))
            .optDropout(0)
            .optCrossPatch(crossPatch)
            .optLocalPosition(crossPatch > 0 ? Position.ROTARY : Position.NONE)
            .build();
    try (NDManager manager = NDManager.newBaseManager();
        Megabyte model = new Megabyte(config)) {
      model.initialize(manager, DataType.FLOAT64, new Shape(1, 9));
      Filler filler = new Filler(manager, model);
      filler.fill("globalEmbedding.weight", 0.5, 0);
      filler.fill("globalPosition.weight", 0.2, 0);
      filler.fill("globalPad.weight", 0.5, 0);
      filler.transformer("global");
      filler.fill("globalToLocal.weight", 0.4, 0);
      filler.fill("localEmbedding.weight", 0.5, 0);
      filler.fill("localPad.weight", 0.5, 0);
      filler.transformer("local");
      NDArray ids = manager.create(new long[] {1, 4, 2, 6, 0, 3, 5, 2, 1}, new Shape(1, 9));
      return rows(model.logits(new ParameterStore(manager, false), ids, false));
    }
  }

  @Test
  void communityPresetInFloat64() {
    MultiStageMegabyteConfig config =
        MultiStageMegabyteConfig.builder()
            .optVocabularySize(7)
            .setDims(java.util.List.of(12, 8))
            .setDepths(java.util.List.of(2, 1))
            .setStageLengths(java.util.List.of(3, 4))
            .optHeadDim(4)
            .optHeads(2)
            .optFeedForwardMultiple(2)
            .optRotary(true)
            .build();
    try (NDManager manager = NDManager.newBaseManager();
        MultiStageMegabyte model = new MultiStageMegabyte(config)) {
      model.initialize(manager, DataType.FLOAT64, new Shape(1, 12));
      Filler filler = new Filler(manager, model);
      filler.fill("stages.0.start.weight", 0.5, 0);
      filler.fill("stages.1.start.weight", 0.5, 0);
      filler.fill("stages.1.embedding.weight", 0.5, 0);
      filler.fill("stages.0.embedding.weight", 0.5, 0);
      filler.fill("stages.0.patchNorm.weight", 0.1, 1);
      filler.fill("stages.0.patchNorm.bias", 0.1, 0);
      filler.fill("stages.0.patch.weight", 0.3, 0);
      filler.fill("stages.0.patch.bias", 0.1, 0);
      filler.fill("stages.0.tokenNorm.weight", 0.1, 1);
      filler.fill("stages.0.tokenNorm.bias", 0.1, 0);
      filler.tokenShift("stages.0.transformer", 2);
      filler.fill("stages.0.projection.weight", 0.4, 0);
      filler.fill("stages.0.projection.bias", 0.1, 0);
      filler.tokenShift("stages.1.transformer", 1);
      filler.fill("head.weight", 0.5, 0);
      filler.fill("head.bias", 0.1, 0);
      NDArray ids =
          manager.create(new long[] {1, 4, 2, 6, 0, 3, 5, 2, 1, 6, 3, 4}, new Shape(1, 12));
      double[][] rows = rows(model.logitsWithStart(new ParameterStore(manager, false), ids, false));
      assertThat(rows).hasNumberOfRows(13);
      close(
          rows[0],
          -1.7989660371,
          1.9543259675,
          -0.3798118829,
          -1.3653725350,
          1.9849090187,
          -0.9852917234,
          -1.0187920544);
      close(
          rows[1],
          -0.7140054139,
          0.1445188875,
          0.5657740556,
          -0.6164831061,
          0.1990927199,
          0.2694485082,
          -0.6407547898);
      close(
          rows[4],
          -1.1375382922,
          1.7790390314,
          -0.8445732045,
          -0.6686380292,
          1.6679561616,
          -1.3264151028,
          -0.3191095059);
      close(
          rows[5],
          -0.8939044418,
          1.8638343967,
          -1.1833447850,
          -0.3733423474,
          1.6754152846,
          -1.6300796858,
          0.0141334722);
      close(
          rows[12],
          0.0161526158,
          -0.9494342498,
          1.0629970026,
          -0.0803984602,
          -0.8996003211,
          0.9660628618,
          -0.3236411206);
      assertThat(Arrays.stream(rows).flatMapToDouble(Arrays::stream).sum())
          .isCloseTo(-4.4060815628, within(TOLERANCE));
      assertThat(Arrays.stream(rows).flatMapToDouble(Arrays::stream).map(Math::abs).sum())
          .isCloseTo(78.0621025725, within(TOLERANCE));
    }
  }

  private static void close(double[] actual, double... expected) {
    assertThat(actual).containsExactly(expected, within(TOLERANCE));
  }

  private static double[][] rows(NDArray logits) {
    int vocabulary = (int) logits.getShape().get(2);
    double[] flat = logits.toDoubleArray();
    return LongStream.range(0, flat.length / vocabulary)
        .mapToObj(t -> Arrays.copyOfRange(flat, (int) t * vocabulary, (int) (t + 1) * vocabulary))
        .toArray(double[][]::new);
  }

  /** Fills parameters in the oracle's order. */
  private static final class Filler {
    private final NDManager manager;
    private final SequenceModel model;
    private int number;

    Filler(NDManager manager, SequenceModel model) {
      this.manager = manager;
      this.model = model;
    }

    void fill(String name, double scale, double offset) {
      NDArray array = model.weight(name);
      double[] values = next(array.getShape().size(), scale, offset);
      set(array, values);
    }

    void transformer(String prefix) {
      String layer = prefix + ".layers.0.";
      fill(layer + "attention.norm.weight", 0.1, 1);
      fill(layer + "attention.norm.bias", 0.1, 0);
      interleaved(layer + "attention.qkv", 3);
      fill(layer + "attention.out.weight", 0.4, 0);
      fill(layer + "attention.out.bias", 0.1, 0);
      fill(layer + "feedForward.norm.weight", 0.1, 1);
      fill(layer + "feedForward.norm.bias", 0.1, 0);
      fill(layer + "feedForward.in.weight", 0.4, 0);
      fill(layer + "feedForward.in.bias", 0.1, 0);
      fill(layer + "feedForward.out.weight", 0.4, 0);
      fill(layer + "feedForward.out.bias", 0.1, 0);
      fill(prefix + ".norm.weight", 0.1, 1);
      fill(prefix + ".norm.bias", 0.1, 0);
    }

    /** Wq, bq, Wk, bk, Wv, bv into one weight and one bias. */
    private void interleaved(String name, int parts) {
      NDArray weight = model.weight(name + ".weight");
      NDArray bias = model.weight(name + ".bias");
      double[] weights = new double[(int) weight.getShape().size()];
      double[] biases = new double[(int) bias.getShape().size()];
      for (int i = 0; i < parts; i++) {
        System.arraycopy(
            next(weights.length / parts, 0.4, 0),
            0,
            weights,
            i * weights.length / parts,
            weights.length / parts);
        System.arraycopy(
            next(biases.length / parts, 0.1, 0),
            0,
            biases,
            i * biases.length / parts,
            biases.length / parts);
      }
      set(weight, weights);
      set(bias, biases);
    }

    void tokenShift(String prefix, int layers) {
      for (int i = 0; i < layers; i++) {
        String layer = prefix + ".layers." + i + ".";
        fill(layer + "attention.norm.gain", 0.1, 1);
        fill(layer + "attention.query.weight", 0.4, 0);
        fill(layer + "attention.keyValue.weight", 0.4, 0);
        fill(layer + "attention.out.weight", 0.4, 0);
        fill(layer + "feedForward.norm.gain", 0.1, 1);
        fill(layer + "feedForward.in.weight", 0.4, 0);
        fill(layer + "feedForward.in.bias", 0.1, 0);
        fill(layer + "feedForward.out.weight", 0.4, 0);
        fill(layer + "feedForward.out.bias", 0.1, 0);
      }
      fill(prefix + ".norm.gain", 0.1, 1);
    }

    private double[] next(long size, double scale, double offset) {
      return org.megalab.torchscript.GradientCheck.fill(++number, (int) size, scale, offset);
    }

    private void set(NDArray array, double[] values) {
      try (NDArray source = manager.create(values, array.getShape())) {
        source.copyTo(array);
      }
    }
  }
}
