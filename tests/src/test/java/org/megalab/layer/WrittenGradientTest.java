package org.megalab.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.NormalInitializer;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.megalab.torchscript.Autograd;
import org.megalab.torchscript.Precision;
import org.megalab.torchscript.Script;

/** Layers whose gradient is written out, against the same under autograd. */
class WrittenGradientTest {

  private static final int D = 32;

  /** A layer as one function. */
  private interface Whole {
    NDArray forward(ParameterStore store, NDArray x, Autograd autograd);
  }

  private static MegalodonLayer megalodon(int heads, int chunk, boolean swiglu, boolean twoHop) {
    double epsilon = 1e-5;
    NormWeight weight = NormWeight.PLUS_ONE;
    NormalizedAttention.Options options =
        new NormalizedAttention.Options(
            heads,
            chunk,
            10000,
            true,
            epsilon,
            0,
            NormalizedAttention.AttentionDropout.POST_SOFTMAX,
            0,
            0);
    NormalInitializer normal = new NormalInitializer(0.2f);
    return new MegalodonLayer(
        D,
        new MegalodonLayer.Parts(
            new TimestepNorm(D, 4, epsilon),
            new ComplexEma(D, 3),
            new RmsNorm(D, weight, epsilon),
            new NormalizedAttention(D, 16, 24, options, (outputs, inputs) -> normal),
            new LayerNorm(D, weight, epsilon),
            new FeedForward(
                D,
                40,
                swiglu ? FeedForward.Activation.SWIGLU : FeedForward.Activation.SILU,
                false,
                0,
                0,
                normal,
                normal)),
        twoHop,
        0,
        0);
  }

  @ParameterizedTest
  @CsvSource({
    "1, 16, 48, false, true",
    "2, 16, 48, true, true",
    "1, 64, 64, true, false",
    "2, 512, 1024, false, true",
    "1, 1024, 1024, false, true"
  })
  void megalodonBlock(int heads, int chunk, int length, boolean swiglu, boolean twoHop) {
    MegalodonLayer layer = megalodon(heads, chunk, swiglu, twoHop);
    compare(layer, layer::whole, 2, length);
  }

  /**
   * Short sequences attend side by side: as many as there are, or several times 7 with padding; of
   * more than 64 the weights turn queries and keys.
   */
  @ParameterizedTest
  @CsvSource({"2, 9, false", "16, 9, true", "2, 40, true", "2, 2, false", "65, 9, true"})
  void tokenShiftLayer(int batch, int length, boolean rotary) {
    TokenShiftLayer layer = new TokenShiftLayer(D, 4, 6, 56, rotary, 0, 0);
    compare(layer, layer::whole, batch, length);
  }

  /**
   * A result that two such functions and a graph read, and a parameter that is used three times.
   */
  @Test
  void gradientsMeet() {
    TokenShiftLayer layer = new TokenShiftLayer(D, 4, 6, 56, false, 0, 0);
    compare(
        layer,
        three((store, y, a) -> layer.forward(store, y, null, true)),
        three(layer::whole),
        3,
        9);
  }

  private static Whole three(Whole layer) {
    return (store, x, autograd) -> {
      NDArray y = layer.forward(store, x, autograd);
      NDArray first = layer.forward(store, y, autograd);
      return layer.forward(store, y, autograd).mul(3).add(first).add(y);
    };
  }

  /** Gradients in bfloat16 are those of autograd, within its rounding, in sums of float32. */
  @ParameterizedTest
  @ValueSource(strings = {"megalodon", "tokenShift"})
  void gradientsInBfloat16AddUp(String kind) {
    boolean megalodon = kind.equals("megalodon");
    StreamingLayer layer =
        megalodon ? megalodon(2, 16, true, true) : new TokenShiftLayer(D, 4, 6, 56, true, 0, 0);
    Whole whole = megalodon ? ((MegalodonLayer) layer)::whole : ((TokenShiftLayer) layer)::whole;
    Engine.getEngine("PyTorch").setRandomSeed(2);
    try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
      layer.initialize(manager, DataType.FLOAT32, new Shape(1, 16, D));
      layer.namedParameters().values().forEach(p -> p.getArray().setRequiresGradient(true));
      NDArray x = manager.randomNormal(0.5f, 2, new Shape(2, 16, D), DataType.FLOAT32);
      Whole parts = (store, y, autograd) -> layer.forward(store, y, null, true);
      // The first gradient of a parameter, one that is added to it, and two of one backward pass.
      Map<String, NDArray> once = inBfloat16(manager, layer, x, whole, 1);
      Map<String, NDArray> again = inBfloat16(manager, layer, x, whole, 1);
      Map<String, NDArray> twice = inBfloat16(manager, layer, x, whole, 2);
      zeroGradients(layer);
      Map<String, NDArray> expected = inBfloat16(manager, layer, x, parts, 1);
      expected.forEach(
          (name, array) -> {
            NDArray gradient = once.get(name);
            assertEquals(DataType.FLOAT32, gradient.getDataType(), name);
            assertEquals(gradient.mul(2), again.get(name), name);
            assertEquals(gradient.mul(4), twice.get(name), name);
            double error = array.sub(gradient).norm().getFloat() / array.norm().getFloat();
            assertTrue(error <= 0.02, name + " is off by " + error);
          });
    }
  }

  private static void zeroGradients(StreamingLayer layer) {
    layer.namedParameters().values().forEach(p -> p.getArray().getGradient().muli(0));
  }

  /** Adds the gradients of so many runs side by side, and returns what they are then. */
  private static Map<String, NDArray> inBfloat16(
      NDManager manager, StreamingLayer layer, NDArray input, Whole function, int runs) {
    Map<String, NDArray> gradients = new LinkedHashMap<>();
    try (NDManager step = manager.newSubManager();
        Autograd autograd = new Autograd()) {
      ParameterStore store =
          Precision.BFLOAT16.store(step, layer.namedParameters().values()); // rounds together
      NDArray leaf = input.stopGradient();
      leaf.attach(step);
      leaf.setRequiresGradient(true);
      NDArray sum = step.zeros(new Shape());
      for (int i = 0; i < runs; i++) {
        NDArray y = function.forward(store, Precision.activation(store, leaf), autograd);
        sum = sum.add(Precision.widened(y).square().sum());
      }
      autograd.backward(sum);
      layer
          .namedParameters()
          .forEach((name, p) -> gradients.put(name, p.getArray().getGradient().duplicate()));
    }
    return gradients;
  }

  private static void compare(StreamingLayer layer, Whole whole, int batch, int length) {
    compare(layer, (store, y, a) -> layer.forward(store, y, null, true), whole, batch, length);
  }

  private static void compare(
      StreamingLayer layer, Whole parts, Whole whole, int batch, int length) {
    Engine.getEngine("PyTorch").setRandomSeed(1);
    try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
      layer.initialize(manager, DataType.FLOAT64, new Shape(1, length, D));
      for (Parameter parameter : layer.namedParameters().values()) {
        // Norms, biases and the rest away from where they begin.
        NDArray array = parameter.getArray();
        array.addi(manager.randomNormal(0, 0.3f, array.getShape(), DataType.FLOAT64));
      }
      NDArray x = manager.randomNormal(0.5f, 2, new Shape(batch, length, D), DataType.FLOAT64);
      NDArray weight = manager.randomNormal(0, 1, x.getShape(), DataType.FLOAT64);
      Map<String, NDArray> expected = run(manager, layer, x, weight, parts, null);
      assertSame(expected, run(manager, layer, x, weight, whole, null));
      Autograd.Options again = new Autograd.Options(1, 1, 0); // nothing is saved
      assertSame(expected, run(manager, layer, x, weight, whole, again));
    }
  }

  private static void assertSame(Map<String, NDArray> expected, Map<String, NDArray> found) {
    expected.forEach(
        (name, array) -> {
          double size = array.abs().max().getDouble();
          double error = array.sub(found.get(name)).abs().max().getDouble();
          assertTrue(size > 1e-6, name + " is all zero");
          assertTrue(error <= 1e-10 * size, name + " is off by " + error + " of " + size);
        });
  }

  @ParameterizedTest
  @CsvSource({"16, 9, 8", "6, 1, 2", "8, 10, 4"})
  void shortSequencesAttendSideBySide(int batch, int length, int together) {
    Script attention = Script.resource(CausalAttention.class, "attention");
    try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
      NDList qkv = new NDList();
      for (int i = 0; i < 3; i++) {
        qkv.add(manager.randomNormal(0, 1, new Shape(batch, 2, length, 5), DataType.FLOAT64));
      }
      NDArray apart = attention.call("causal", false, qkv.get(0), qkv.get(1), qkv.get(2), 0.0);
      NDArray beside =
          attention.call("side_by_side", false, qkv.get(0), qkv.get(1), qkv.get(2), together, 0.0);
      assertTrue(apart.sub(beside).abs().max().getDouble() <= 1e-12);
    }
  }

  private static Map<String, NDArray> run(
      NDManager manager,
      StreamingLayer layer,
      NDArray input,
      NDArray weight,
      Whole function,
      Autograd.@Nullable Options options) {
    Map<String, NDArray> results = new LinkedHashMap<>();
    NDArray x = input.duplicate();
    x.setRequiresGradient(true);
    layer.namedParameters().values().forEach(p -> p.getArray().setRequiresGradient(true));
    zeroGradients(layer);
    try (Autograd autograd = new Autograd(options)) {
      NDArray y = function.forward(new ParameterStore(manager, false), x, autograd);
      results.put("y", y.duplicate());
      autograd.backward(y.mul(weight).sum());
      results.put("x", x.getGradient().duplicate());
      layer
          .namedParameters()
          .forEach((name, p) -> results.put(name, p.getArray().getGradient().duplicate()));
    }
    return results;
  }
}
