package org.megalab.torchscript;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ScriptTest {
  private final NDManager manager = NDManager.newBaseManager();

  @AfterEach
  void close() {
    manager.close();
  }

  @Test
  void callsWithEveryKindOfArgument() {
    try (Script script =
        Script.source(
            "kinds",
            """
            # A comment that names scale(x) must stay as it is.
            def scale(x: Tensor, by: float) -> Tensor:
                return x * by  # scale(x)

            def forward(x: Tensor, ys: List[Tensor], n: int, by: float, negate: bool,
                        shape: List[int]) -> Tensor:
                for i in range(n):
                    x = x + ys[i]
                x = scale(x, by)
                if negate:
                    x = -x
                return x.reshape(shape)
            """)) {
      NDArray x = manager.create(new float[] {1, 2});
      NDList ys =
          new NDList(manager.create(new float[] {10, 20}), manager.create(new float[] {100, 200}));
      NDArray y = script.call("forward", false, x, ys, 2, 0.5, true, new long[] {2, 1});
      assertThat(y.getShape()).isEqualTo(new Shape(2, 1));
      assertThat(y.toFloatArray()).containsExactly(-55.5f, -111f);
      assertThat(y.getManager()).isSameAs(manager);
    }
  }

  @Test
  void returnsTuplesAndLists() {
    try (Script script =
        Script.source(
            "results",
            """
            def pair(x: Tensor) -> Tuple[Tensor, Tensor]:
                return x + 1, x + 2

            def many(x: Tensor) -> List[Tensor]:
                return [x, x * 2, x * 3]
            """)) {
      NDArray x = manager.create(new float[] {1});
      NDList pair = script.callAll("pair", false, x);
      assertThat(pair).hasSize(2);
      assertThat(pair.get(1).getFloat(0)).isEqualTo(3f);
      assertThat(script.callAll("many", false, x)).hasSize(3);
      assertThatThrownBy(() -> script.call("pair", false, x)).hasMessageContaining("2 tensors");
    }
  }

  @Test
  void currentSchemaHasGeluWithItsApproximation() {
    try (Script script =
        Script.source(
            "gelu",
            """
            def exact(x: Tensor) -> Tensor:
                return torch.gelu(x)

            def tanh(x: Tensor) -> Tensor:
                return torch.gelu(x, approximate="tanh")
            """)) {
      NDArray x = manager.create(new float[] {1});
      assertThat(script.call("exact", false, x).getFloat(0)).isCloseTo(0.841345f, within(1e-6f));
      assertThat(script.call("tanh", false, x).getFloat(0)).isCloseTo(0.841192f, within(1e-6f));
    }
  }

  @Test
  void gradientsFlowThroughFftAttentionAndLinear() {
    try (Script script =
        Script.source(
            "gradients",
            """
            def fft(x: Tensor, k: Tensor) -> Tensor:
                n = 2 * x.shape[-1]
                y = torch.fft_irfft(torch.fft_rfft(x, n) * torch.fft_rfft(k, n), n)
                return y[..., :x.shape[-1]]

            def attention(x: Tensor, w: Tensor) -> Tensor:
                h = torch.linear(x, w, None)[None, None]
                return torch.scaled_dot_product_attention(h, h, h, None, 0., True)[0, 0]

            def linear(x: Tensor, w: Tensor) -> Tensor:
                return torch.linear(x, w, None)
            """)) {
      for (String function : new String[] {"fft", "attention", "linear"}) {
        double worst =
            GradientCheck.worst(
                manager,
                0.3,
                inputs -> script.call(function, true, inputs.get(0), inputs.get(1)),
                new Shape(4, 4),
                new Shape(4, 4));
        assertThat(worst).as(function).isLessThan(1e-6);
      }
    }
  }

  @Test
  void inferenceResultsCannotBeTrainedOn() {
    try (Script script =
        Script.source("twice", "def forward(x: Tensor) -> Tensor:\n    return x * 2\n")) {
      NDArray x = manager.create(new float[] {1});
      x.setRequiresGradient(true);
      try (GradientCollector gradients = Engine.getInstance().newGradientCollector()) {
        NDArray trained = script.call("forward", true, x);
        gradients.backward(trained);
        assertThat(x.getGradient().getFloat(0)).isEqualTo(2f);
        NDArray inferred = script.call("forward", false, x);
        assertThat(inferred.hasGradient()).isFalse();
      }
    }
  }

  @Test
  void compileErrorNamesFileLineAndText() {
    ScriptException error =
        catchThrowableOfType(
            ScriptException.class,
            () ->
                Script.source(
                    "broken",
                    """
                    def forward(x: Tensor) -> Tensor:
                        y = x + 1
                        return torch.no_such_operator(y)
                    """));
    assertThat(error.file()).isEqualTo("broken.py");
    assertThat(error.line()).isEqualTo(3);
    assertThat(error.text()).isEqualTo("return torch.no_such_operator(y)");
    assertThat(error)
        .hasMessageContaining("broken.py, line 3")
        .hasMessageContaining("no_such_operator");
  }

  @Test
  void runtimeErrorNamesFileLineAndText() {
    try (Script script =
        Script.source(
            "shapes",
            """
            def _inner(x: Tensor, y: Tensor) -> Tensor:
                return torch.matmul(x, y)

            def forward(x: Tensor, y: Tensor) -> Tensor:
                return _inner(x, y)
            """)) {
      NDArray x = manager.ones(new Shape(2, 3));
      ScriptException error =
          catchThrowableOfType(ScriptException.class, () -> script.call("forward", false, x, x));
      assertThat(error.line()).isEqualTo(2);
      assertThat(error.text()).isEqualTo("return torch.matmul(x, y)");
      assertThat(error).hasMessageContaining("2x3");
    }
  }

  @Test
  void wrongArgumentsAreExceptions() {
    try (Script script =
        Script.source("one", "def forward(x: Tensor, n: int) -> Tensor:\n    return x\n")) {
      NDArray x = manager.ones(new Shape(1));
      assertThatThrownBy(() -> script.call("forward", false, x, 0.5))
          .isInstanceOf(ScriptException.class);
      assertThatThrownBy(() -> script.call("forward", false, x))
          .isInstanceOf(ScriptException.class);
      assertThatThrownBy(() -> script.call("backward", false, x, 1))
          .isInstanceOf(RuntimeException.class);
      assertThatThrownBy(() -> script.call("forward", false, x, "text"))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> script.call("forward", false, 1))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void bfloat16ResultIsAnExceptionAndNotAnAbort() {
    try (Script script =
        Script.source(
            "half",
            """
            def leak(x: Tensor) -> Tensor:
                return x.to(torch.bfloat16)

            def inside(x: Tensor) -> Tensor:
                return (x.to(torch.bfloat16) + 1).to(torch.float32)
            """)) {
      NDArray x = manager.create(new float[] {1.00001f});
      assertThatThrownBy(() -> script.call("leak", false, x))
          .isInstanceOf(ScriptException.class)
          .hasMessageContaining("bfloat16");
      assertThat(script.call("inside", false, x).getFloat(0)).isEqualTo(2f);
    }
  }

  @Test
  void bfloat16FromJavaIsAnExceptionAndNotAnAbort() {
    assertThatThrownBy(() -> TensorTypes.requireSupported(DataType.BFLOAT16))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("bfloat16");
    assertThat(TensorTypes.requireSupported(DataType.FLOAT64)).isEqualTo(DataType.FLOAT64);
  }

  @Test
  void handlesSurviveGarbageCollection() {
    Script script = Script.source("kept", "def forward(x: Tensor) -> Tensor:\n    return x + 1\n");
    NDArray x = manager.create(new float[] {1});
    for (int i = 0; i < 5; i++) {
      System.gc();
      assertThat(script.call("forward", false, x).getFloat(0)).isEqualTo(2f);
    }
    script.close();
    assertThat(script.call("forward", false, x).getFloat(0)).isEqualTo(2f);
    script.close();
  }

  @Test
  void definitionsMayCarryCommentsAndForeignLineEnds() {
    try (Script script =
        Script.source(
            "ends", "def forward(x: Tensor) -> Tensor: # twice\r\n    return x * 2\r\n")) {
      assertThat(script.call("forward", false, manager.create(new float[] {3})).getFloat(0))
          .isEqualTo(6f);
    }
    assertThatThrownBy(() -> Script.source("typeless", "def forward(x):\n    return x\n"))
        .isInstanceOf(ScriptException.class)
        .hasMessageContaining("def name(x: Type, ...) -> Type:");
  }

  @Test
  void missingResourceIsNamed() {
    assertThatThrownBy(() -> Script.resource(ScriptTest.class, "nowhere"))
        .hasMessageContaining("nowhere.py");
  }
}
