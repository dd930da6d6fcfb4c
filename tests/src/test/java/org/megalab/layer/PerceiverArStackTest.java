package org.megalab.layer;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import ai.djl.training.initializer.NormalInitializer;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.megalab.layer.FeedForward.Activation;
import org.megalab.torchscript.GradientCheck;
import org.megalab.torchscript.Script;
import org.megalab.torchscript.Seeds;
import org.megalab.torchscript.Tensors;

class PerceiverArStackTest {
  private static final int D = 8;
  private static final Initializer WEIGHTS = new NormalInitializer(0.4f);

  private final NDManager manager = NDManager.newBaseManager();
  private final ParameterStore store = new ParameterStore(manager, false);

  @BeforeEach
  void seed() {
    Seeds.set(5);
  }

  @AfterEach
  void free() {
    manager.close();
  }

  /** Two heads of 6 channels, of which the first four turn. */
  private static PerceiverArStack.Options options(
      int prefix, int latents, boolean learned, boolean paper) {
    Activation activation = paper ? Activation.SQUARED_RELU : Activation.GELU;
    return new PerceiverArStack.Options(
        D, 2, 6, 12, prefix, latents, 4, learned, paper, paper, activation, 0, 0, WEIGHTS);
  }

  private PerceiverArStack stack(int cross, int depth, PerceiverArStack.Options options) {
    PerceiverArStack stack = new PerceiverArStack(cross, depth, options);
    stack.initialize(manager, DataType.FLOAT64, new Shape(1, 1, D));
    return stack;
  }

  private NDArray random(long... shape) {
    return manager.create(
        new Random(3).doubles(new Shape(shape).size(), -1, 1).toArray(), new Shape(shape));
  }

  private static double distance(NDArray a, NDArray b) {
    assertThat(a.getShape()).isEqualTo(b.getShape());
    return a.sub(b).abs().max().getDouble();
  }

  @Test
  void onlyTheLeadingChannelsTurn() {
    Script rotary = Script.resource(LatentAttention.class, "rotary");
    NDArray x = random(1, 2, 5, 10);
    NDArray y = rotary.call("leading", false, x, 3, 10_000.0, 6);
    NDArray turned = rotary.call("halves", false, x.get(":, :, :, :6"), 3, 10_000.0);
    assertThat(distance(y.get(":, :, :, :6"), turned)).isEqualTo(0);
    assertThat(distance(y.get(":, :, :, 6:"), x.get(":, :, :, 6:"))).isEqualTo(0);
    assertThat(distance(rotary.call("leading", false, x, 3, 10_000.0, 0), x)).isEqualTo(0);
    for (int t = 0; t < 5; t++) { // the second pair: channels 1 and 4
      double angle = (3 + t) * Math.pow(10_000, -2.0 / 6);
      double a = x.getDouble(0, 0, t, 1);
      double b = x.getDouble(0, 0, t, 4);
      assertThat(y.getDouble(0, 0, t, 1))
          .isCloseTo(
              a * Math.cos(angle) - b * Math.sin(angle),
              org.assertj.core.api.Assertions.within(1e-12));
    }
  }

  /** Oracles of the window: all latents see the prefix, and latents see earlier ones alone. */
  @Test
  void latentsSeeThePrefixAndEarlierLatents() {
    PerceiverArStack stack = stack(1, 2, options(5, 6, true, false));
    NDArray prefix = random(1, 5, D);
    NDArray block = random(1, 6, D).mul(0.8);
    NDArray y = stack.window(store, prefix, block, false);
    for (int j = 0; j < 11; j++) {
      NDArray bump = manager.zeros(new Shape(1, 11, D), DataType.FLOAT64);
      bump.set(new ai.djl.ndarray.index.NDIndex("0, {}, 2", j), 0.5);
      NDArray other =
          stack.window(store, prefix.add(bump.get(":, :5")), block.add(bump.get(":, 5:")), false);
      double[] moved = other.sub(y).abs().max(new int[] {2}).toDoubleArray();
      for (int i = 0; i < 6; i++) {
        if (i < j - 5) {
          assertThat(moved[i]).as("latent %d after step %d", i, j).isEqualTo(0);
        } else {
          assertThat(moved[i]).as("latent %d after step %d", i, j).isGreaterThan(1e-6);
        }
      }
    }
  }

  /** Where nothing stands before the latents, the cross layer is one more causal layer. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void withoutPrefixItIsACausalTransformer(boolean paper) {
    PerceiverArStack.Options options = options(3, 9, false, paper);
    PerceiverArStack stack = stack(1, 1, options);
    PreNormLayer plain =
        new PreNormLayer(
            options.norm(), new LatentAttention(options), options.norm(), options.feedForward());
    plain.initialize(manager, DataType.FLOAT64, new Shape(1, 1, D));
    copy(stack, "cross.0.attention.norm", plain, "mixerNorm");
    copy(stack, "cross.0.feedForwardNorm", plain, "feedForwardNorm");
    plain
        .namedParameters()
        .forEach(
            (name, p) -> {
              if (name.startsWith("feedForward.")) {
                Tensors.assign(p.getArray(), stack.weight("cross.0." + name));
              }
            });
    NDArray fused =
        stack
            .weight("cross.0.attention.query.weight")
            .concat(stack.weight("cross.0.attention.keyValue.weight"), 0);
    Tensors.assign(plain.weight("mixer.qkv.weight"), fused);
    Tensors.assign(plain.weight("mixer.out.weight"), stack.weight("cross.0.attention.out.weight"));
    NDArray x = random(2, 9, D);
    NDArray z = plain.forward(store, x, false);
    LayerStack layers = (LayerStack) stack.getChildren().get("02latents");
    assertThat(distance(stack.forward(store, x, false), layers.forward(store, z, false)))
        .isLessThan(1e-12);
  }

  private static void copy(Layer from, String source, Layer to, String target) {
    for (String name : new String[] {".weight", ".bias"}) {
      Tensors.assign(to.weight(target + name), from.weight(source + name));
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 7, 5, false", "2, 4, 1, false", "1, 3, 11, true"})
  void streamingInAnySplitIsTheFullForward(int cross, int prefix, int latents, boolean paper) {
    PerceiverArStack stack = stack(cross, 2, options(prefix, latents, !paper, paper));
    NDArray x = random(2, 31, D);
    NDArray expected = stack.forward(store, x, false);
    LayerState state = stack.newState(manager, DataType.FLOAT64, 2, 1);
    Random random = new Random(2);
    for (int round = 0; round < 4; round++) {
      NDList parts = new NDList();
      for (int t = 0; t < 31; ) {
        int n = round == 0 ? 1 : Math.min(31 - t, 1 + random.nextInt(13));
        parts.add(stack.forward(store, x.get(":, {}:{}", t, t + n), state, false));
        t += n;
      }
      assertThat(distance(NDArrays.concat(parts, 1), expected)).isLessThan(1e-12);
      state.clear();
    }
  }

  @ParameterizedTest
  @CsvSource({"1, true, false", "2, false, true"})
  void gradientsAgreeWithFiniteDifferences(int cross, boolean learned, boolean paper) {
    PerceiverArStack stack = stack(cross, 1, options(4, 3, learned, paper));
    NDArray x = random(2, 8, D);
    NDList leaves = new NDList(x);
    stack.namedParameters().values().forEach(p -> leaves.add(p.getArray()));
    double worst = GradientCheck.worst(inputs -> stack.forward(store, x, true), leaves, 10);
    assertThat(worst).isLessThan(1e-7);
  }
}
