package org.megalab.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.megalab.torchscript.Autograd;

/** The block whose gradient is written out, against its parts under autograd. */
class MegalodonBlockTest {

  private static final int D = 32;

  private static MegalodonLayer layer(int heads, int chunk, boolean swiglu, boolean twoHop) {
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
    var normal = new ai.djl.training.initializer.NormalInitializer(0.2f);
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
  void gradientsAreThoseOfTheParts(
      int heads, int chunk, int length, boolean swiglu, boolean twoHop) {
    ai.djl.engine.Engine.getEngine("PyTorch").setRandomSeed(1);
    try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
      MegalodonLayer layer = layer(heads, chunk, swiglu, twoHop);
      layer.initialize(manager, DataType.FLOAT64, new Shape(1, length, D));
      for (Parameter parameter : layer.namedParameters().values()) {
        // Norms, biases and the rest away from where they begin.
        parameter
            .getArray()
            .addi(manager.randomNormal(0, 0.3f, parameter.getArray().getShape(), DataType.FLOAT64));
      }
      NDArray x = manager.randomNormal(0.5f, 2, new Shape(2, length, D), DataType.FLOAT64);
      NDArray weight = manager.randomNormal(0, 1, x.getShape(), DataType.FLOAT64);
      Map<String, NDArray> parts = run(manager, layer, x, weight, false);
      Map<String, NDArray> block = run(manager, layer, x, weight, true);
      assertEquals(parts.keySet(), block.keySet());
      parts.forEach(
          (name, expected) -> {
            double size = expected.abs().max().getDouble();
            double error = expected.sub(block.get(name)).abs().max().getDouble();
            assertTrue(size > 1e-6, name + " is all zero");
            assertTrue(error <= 1e-10 * size, name + " is off by " + error + " of " + size);
          });
    }
  }

  private static Map<String, NDArray> run(
      NDManager manager, MegalodonLayer layer, NDArray input, NDArray weight, boolean whole) {
    Map<String, NDArray> results = new LinkedHashMap<>();
    NDArray x = input.duplicate();
    x.setRequiresGradient(true);
    layer.namedParameters().values().forEach(p -> p.getArray().setRequiresGradient(true));
    layer.namedParameters().values().forEach(p -> p.getArray().getGradient().muli(0));
    try (Autograd autograd = new Autograd()) {
      ParameterStore store = new ParameterStore(manager, false);
      NDArray y = whole ? layer.whole(store, x, autograd) : layer.forward(store, x, null, true);
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
