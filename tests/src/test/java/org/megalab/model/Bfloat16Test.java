package org.megalab.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.megalab.data.Corpus;
import org.megalab.data.RandomWindows;
import org.megalab.layer.LayerState;
import org.megalab.torchscript.Precision;

/** Every model in bfloat16 against itself in float32. */
class Bfloat16Test {

  /** What norms and recurrences compute with, whatever the precision. */
  private static final String PRECISE =
      "(.*\\.)?(\\w*[nN]orm\\.\\w+|ema\\.\\w+|gain|relative|relativeQuery|relativeKey"
          + "|attention\\.(gamma|beta)|branch\\.(logStep|logDecayRate|frequency|c|skip))";

  static Stream<ModelConfig> tiny() {
    return Architecture.byName().values().stream().map(a -> a.preset().apply("tiny"));
  }

  /** The variants of the contracts, of 24 ids of a vocabulary of 11. */
  static Stream<ModelConfig> variants() {
    return Stream.of(
            ByteTransformerContractTest.configs(),
            HierarchicalMegabyteTest.configs(),
            LlamaContractTest.configs(),
            MegaContractTest.configs(),
            MegabyteContractTest.configs(),
            MegalodonContractTest.configs(),
            PerceiverArContractTest.configs(),
            S4dContractTest.configs(),
            TransformerXlContractTest.configs())
        .flatMap(configs -> configs);
  }

  static Stream<EncoderConfig> encoders() {
    return Stream.of(
            MegaClassifierTest.encoders(),
            MegalodonClassifierTest.encoders(),
            S4dClassifierTest.encoders(),
            Stream.of(MegaContractTest.mega().optNorm(org.megalab.layer.NormKind.BATCH).build()))
        .flatMap(configs -> configs);
  }

  @ParameterizedTest
  @MethodSource("tiny")
  void lossAndGradientsAreThoseOfFloat32(ModelConfig config) {
    try (SequenceModel model = config.newModel().initialize(Device.cpu(), 3)) {
      byte[][] batch = new RandomWindows(Corpus.shipped("books").train(), 256, 4, 1).batch(0);
      PrecisionStep exact = PrecisionStep.of(model, Precision.FLOAT32, batch);
      PrecisionStep rounded = PrecisionStep.of(model, Precision.BFLOAT16, batch);
      assertThat(rounded.loss()).isNotEqualTo(exact.loss());
      assertThat(rounded.loss() / exact.loss()).isCloseTo(1, within(1e-3));
      assertThat(rounded.norm() / exact.norm()).isCloseTo(1, within(0.01));
      assertThat(exact.gradients()).isNotEmpty();
      for (String name : exact.gradients().keySet()) {
        assertThat(rounded.cosine(exact, name)).as(name).isGreaterThan(0.99);
      }
      assertThat(PrecisionStep.of(model, Precision.FLOAT32, batch).loss()).isEqualTo(exact.loss());
    }
  }

  @ParameterizedTest
  @MethodSource("tiny")
  void onlyMatricesEmbeddingsAndBiasesAreRounded(ModelConfig config) {
    try (SequenceModel model = config.newModel().initialize(Device.cpu(), 3)) {
      assertRounded(model);
      model
          .namedParameters()
          .values()
          .forEach(p -> assertThat(p.getArray().getDataType()).isEqualTo(DataType.FLOAT32));
    }
  }

  private static void assertRounded(TrainableModel model) {
    try (NDManager step = model.manager().newSubManager()) {
      ParameterStore store = Precision.BFLOAT16.store(step);
      Map<String, DataType> types = new TreeMap<>();
      Map<String, DataType> expected = new TreeMap<>();
      model
          .namedParameters()
          .forEach(
              (name, parameter) -> {
                types.put(name, store.getValue(parameter, Device.cpu(), true).getDataType());
                boolean precise = name.matches(PRECISE);
                expected.put(name, precise ? DataType.FLOAT32 : DataType.UNKNOWN);
              });
      assertThat(types).isEqualTo(expected).containsValues(DataType.FLOAT32, DataType.UNKNOWN);
    }
  }

  @ParameterizedTest
  @MethodSource("variants")
  void everyVariantTrains(ModelConfig config) {
    try (SequenceModel model = ModelContract.model(config);
        NDManager manager = NDManager.newBaseManager()) {
      NDArray ids = ModelContract.ids(manager, 2, ModelContract.LENGTH);
      PrecisionStep exact =
          PrecisionStep.of(
              model, Precision.FLOAT32, (s, m) -> model.perByteLoss(s, ids, true).mean());
      PrecisionStep rounded =
          PrecisionStep.of(
              model, Precision.BFLOAT16, (s, m) -> model.perByteLoss(s, ids, true).mean());
      assertThat(rounded.loss() / exact.loss()).isCloseTo(1, within(5e-3));
      // With 48 ids and rectified units of 6 to 24 channels, the rounding of the parameters alone
      // turns single gradients by a cosine of 0.91; the tiny presets above are bound closely.
      assertThat(rounded.norm() / exact.norm()).isCloseTo(1, within(0.25));
      assertRounded(model);
      // Without recording the same comes out.
      NDArray read = model.perByteLoss(Precision.BFLOAT16.store(manager), ids, false);
      assertThat(read.getDataType()).isEqualTo(DataType.FLOAT32);
      assertThat((double) read.mean().getFloat()).isCloseTo(rounded.loss(), within(1e-5));
    }
  }

  @ParameterizedTest
  @MethodSource("variants")
  void everyVariantTrainsWithDropout(ModelConfig config) {
    String dropping = config.toJson().replaceAll("(?i)(\"\\w*dropout\": )[0-9.]+", "$10.2");
    assertThat(dropping).contains("ropout\": 0.2");
    try (SequenceModel model = ModelContract.model(ModelConfig.fromJson(dropping));
        NDManager manager = NDManager.newBaseManager()) {
      NDArray ids = ModelContract.ids(manager, 2, ModelContract.LENGTH);
      PrecisionStep rounded =
          PrecisionStep.of(
              model, Precision.BFLOAT16, (s, m) -> model.perByteLoss(s, ids, true).mean());
      assertThat(rounded.loss()).isBetween(0.5, 20.0);
      assertThat(rounded.norm()).isBetween(1e-3, 1e3);
    }
  }

  /** States stay in float32 and the stream in bfloat16 goes on from them. */
  @ParameterizedTest
  @MethodSource("variants")
  void streamingIsTheFullForward(ModelConfig config) {
    if (!(ModelContract.model(config) instanceof LanguageModel model)) {
      return;
    }
    try (model;
        NDManager manager = NDManager.newBaseManager()) {
      ParameterStore store = Precision.BFLOAT16.store(manager);
      NDArray ids = ModelContract.ids(manager, 2, ModelContract.LENGTH);
      NDArray full = model.nextLogits(store, ids, null, false);
      double spread = spread(full);
      Random random = new Random(7);
      for (int longest : new int[] {1, 9}) {
        LayerState state = model.newState(manager, DataType.FLOAT32, 2, ModelContract.LENGTH);
        NDList parts = new NDList();
        for (int from = 0, to; from < ModelContract.LENGTH; from = to) {
          to = Math.min(ModelContract.LENGTH, from + 1 + random.nextInt(longest));
          parts.add(model.nextLogits(store, ids.get(":, {}:{}", from, to), state, false));
          assertThat(state.all().map(NDArray::getDataType))
              .isSubsetOf(List.of(DataType.FLOAT32, DataType.FLOAT64, DataType.INT64)); // counts
        }
        NDArray difference = NDArrays.concat(parts, 1).sub(full);
        assertThat(Math.sqrt(difference.square().mean().getFloat()) / spread).isLessThan(0.02);
      }
      NDArray rounding = full.sub(model.nextLogits(plain(manager), ids, null, false));
      assertThat(Math.sqrt(rounding.square().mean().getFloat()) / spread).isBetween(1e-3, 0.02);
    }
  }

  private static ParameterStore plain(NDManager manager) {
    return Precision.FLOAT32.store(manager);
  }

  private static double spread(NDArray rows) {
    return Math.sqrt(rows.sub(rows.mean(new int[] {2}, true)).square().mean().getFloat());
  }

  /** A gradient through a carried state. */
  @Test
  void megalodonTrainsFromACarriedState() {
    MegalodonConfig config = MegalodonContractTest.small().build();
    int chunk = config.chunkSize();
    try (LanguageModel model = (LanguageModel) ModelContract.model(config);
        NDManager manager = NDManager.newBaseManager()) {
      NDArray ids = ModelContract.ids(manager, 2, 2 * chunk);
      double[] loss = new double[2];
      for (Precision precision : new Precision[] {Precision.FLOAT32, Precision.BFLOAT16}) {
        LayerState state = model.newState(manager, DataType.FLOAT32, 2, 2 * chunk);
        NDArray before = ids.get(":, :{}", chunk);
        model.nextLogits(precision.store(manager), before, state, false).close();
        PrecisionStep step =
            PrecisionStep.of(
                model,
                precision,
                (s, m) -> {
                  NDArray rows = model.nextLogits(s, ids.get(":, {}:", chunk), state, true);
                  return rows.get("..., 0").sub(rows.get("..., 1")).square().mean();
                });
        assertThat(step.norm()).isBetween(1e-3, 1e3);
        loss[precision == Precision.FLOAT32 ? 0 : 1] = step.loss();
      }
      assertThat(loss[1] / loss[0]).isCloseTo(1, within(0.05));
    }
  }

  /** The losses of their own of some models. */
  @Test
  void otherLossesAndOutputs() {
    ModelConfig last = PerceiverArContractTest.builder().optLastWindowLoss(true).build();
    try (SequenceModel model = ModelContract.model(last);
        MultiStageMegabyte community = MultiStageMegabyteConfig.preset("tiny").newModel();
        NDManager manager = NDManager.newBaseManager()) {
      community.initialize(Device.cpu(), 3);
      NDArray ids = ModelContract.ids(manager, 2, ModelContract.LENGTH);
      NDArray none = ids.get(":, :0");
      double[][] values = new double[2][];
      for (Precision precision : new Precision[] {Precision.FLOAT32, Precision.BFLOAT16}) {
        ParameterStore store = precision.store(manager);
        values[precision == Precision.FLOAT32 ? 0 : 1] =
            new double[] {
              model.perByteLoss(store, ids, true).mean().getFloat(),
              community.referenceLoss(store, ids, true).getFloat(),
              community.logitsOfNothing(store, none).square().mean().getFloat()
            };
      }
      for (int i = 0; i < 3; i++) {
        assertThat(values[1][i] / values[0][i]).isCloseTo(1, within(5e-3)).isNotEqualTo(1);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("encoders")
  void classifiersTrain(EncoderConfig encoder) {
    for (ClassifierConfig.Input input : ClassifierConfig.Input.values()) {
      ClassifierConfig config =
          ClassifierConfig.builder().setEncoder(encoder).setClasses(3).optInput(input).build();
      try (SequenceClassifier model = config.newModel().initialize(Device.cpu(), 3);
          NDManager manager = NDManager.newBaseManager()) {
        NDArray symbols = ModelContract.ids(manager, 4, 15);
        NDArray x =
            input == ClassifierConfig.Input.REAL
                ? symbols.toType(DataType.FLOAT32, true).sub(5)
                : symbols;
        boolean[] mask = new boolean[4 * 15];
        mask[14] = true;
        NDArray padding = manager.create(mask, new Shape(4, 15));
        NDArray labels = manager.create(new long[] {0, 1, 2, 1});
        PrecisionStep[] steps = new PrecisionStep[2];
        for (int i = 0; i < 2; i++) {
          steps[i] =
              PrecisionStep.of(
                  model,
                  i == 0 ? Precision.FLOAT32 : Precision.BFLOAT16,
                  (s, m) ->
                      SequenceClassifier.loss(model.logits(s, x, padding, true), labels, true));
        }
        assertThat(steps[1].loss() / steps[0].loss()).isCloseTo(1, within(5e-3));
        assertThat(steps[1].norm() / steps[0].norm()).isCloseTo(1, within(0.1));
        assertRounded(model);
        NDArray logits = model.logits(Precision.BFLOAT16.store(manager), x, padding, false);
        assertThat(logits.getDataType()).isEqualTo(DataType.FLOAT32);
        assertThat(logits.isNaN().any().getBoolean()).isFalse();
      }
    }
  }

  /** What a step makes ends with it, in training and in reading. */
  @Test
  void memoryIsFlat() {
    try (SequenceModel model = MegabyteConfig.preset("tiny").newModel()) {
      model.initialize(Device.cpu(), 3);
      byte[][] batch = new RandomWindows(Corpus.shipped("books").train(), 256, 2, 1).batch(0);
      PrecisionStep.of(model, Precision.BFLOAT16, batch);
      int held = model.manager().getManagedArrays().size();
      for (int i = 0; i < 5; i++) {
        PrecisionStep.of(model, Precision.BFLOAT16, batch);
        try (NDManager step = model.manager().newSubManager()) {
          model.perByteLoss(Precision.BFLOAT16.store(step), SequenceModel.ids(step, batch), false);
        }
        assertThat(model.manager().getManagedArrays()).hasSize(held);
      }
    }
  }
}
