package org.megalab.torchscript;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.nn.norm.Dropout;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PrecisionTest {
  private static final Script WIDEN =
      Script.source("widen", "def widen(x: Tensor) -> Tensor:\n    return x.to(torch.float32)\n");

  private final NDManager manager = NDManager.newBaseManager(Device.cpu());

  @AfterEach
  void close() {
    manager.close();
  }

  private Parameter parameter(Parameter.Type type, DataType elements) {
    Parameter parameter =
        Parameter.builder()
            .setName("p")
            .setType(type)
            .optShape(new Shape(2, 3))
            .optInitializer(Initializer.ONES)
            .build();
    parameter.initialize(manager, elements);
    parameter.getArray().muli(1.0 + 1.0 / 512); // half a step of bfloat16 above 1: rounds to 1
    parameter.getArray().setRequiresGradient(true);
    return parameter;
  }

  private static float first(NDArray x) {
    try (NDArray wide = WIDEN.call("widen", false, x)) {
      return wide.getFloat(0, 0);
    }
  }

  @ParameterizedTest
  @EnumSource(Parameter.Type.class)
  void matricesAndBiasesAreRoundedAndNothingElse(Parameter.Type type) {
    Parameter parameter = parameter(type, DataType.FLOAT32);
    NDArray value = Precision.BFLOAT16.store(manager).getValue(parameter, Device.cpu(), true);
    if (type == Parameter.Type.WEIGHT || type == Parameter.Type.BIAS) {
      assertThat(value.getDataType()).isEqualTo(DataType.UNKNOWN);
      assertThat(first(value)).isEqualTo(1f);
    } else {
      assertThat(value).isSameAs(parameter.getArray());
    }
    NDArray plain = Precision.FLOAT32.store(manager).getValue(parameter, Device.cpu(), true);
    assertThat(plain).isSameAs(parameter.getArray());
    assertThat(first(plain)).isEqualTo(1.0f + 1.0f / 512);
  }

  @Test
  void copiesAreMadeOnceAndEndWithTheStep() {
    Parameter parameter = parameter(Parameter.Type.WEIGHT, DataType.FLOAT32);
    int held = manager.getManagedArrays().size();
    NDArray copy;
    try (NDManager step = manager.newSubManager()) {
      ParameterStore store = Precision.BFLOAT16.store(step);
      copy = store.getValue(parameter, Device.cpu(), true);
      assertThat(store.getValue(parameter, Device.cpu(), true)).isSameAs(copy);
      assertThat(copy.getManager()).isSameAs(step);
      assertThat(manager.getManagedArrays()).hasSize(held + 1); // the step's manager
    }
    assertThat(manager.getManagedArrays()).hasSize(held);
    assertThatThrownBy(copy::getShape).isInstanceOf(IllegalStateException.class);
    parameter.getArray().muli(3);
    ParameterStore next = Precision.BFLOAT16.store(manager);
    assertThat(first(next.getValue(parameter, Device.cpu(), true))).isEqualTo(3f);
  }

  /** As recomputation does: forward without recording, then again with it, backward in parts. */
  @Test
  void gradientsReachTheParameterFromEveryPart() {
    Parameter parameter = parameter(Parameter.Type.WEIGHT, DataType.FLOAT32);
    boolean before = Autograd.isRecording();
    try (NDManager step = manager.newSubManager()) {
      ParameterStore store = Precision.BFLOAT16.store(step);
      JniUtils.setGradMode(false);
      assertThat(Autograd.isRecording()).isFalse();
      store.getValue(parameter, Device.cpu(), true);
      store.getValue(parameter, Device.cpu(), false);
      try (Autograd autograd = new Autograd()) {
        for (int part = 1; part <= 3; part++) {
          NDArray copy = store.getValue(parameter, Device.cpu(), true);
          autograd.backward(WIDEN.call("widen", true, copy.mul(part)).sum());
        }
      }
      assertThat(Autograd.isRecording()).isFalse();
      NDArray gradient = parameter.getArray().getGradient();
      assertThat(gradient.getDataType()).isEqualTo(DataType.FLOAT32);
      assertThat(gradient.toFloatArray()).containsOnly(6f);
    } finally {
      JniUtils.setGradMode(before);
    }
  }

  /** As recomputation does: a cut graph, whose backward is given the gradient of its output. */
  @Test
  void aDetachedArrayIsALeaf() {
    NDArray exact = manager.create(new float[] {1, 2});
    exact.setRequiresGradient(true);
    try (Autograd autograd = new Autograd()) {
      assertThat(autograd).isNotNull();
      assertThat(Autograd.isRecording()).isTrue();
      NDArray x = Tensors.bfloat16(exact, true);
      NDArray leaf = x.stopGradient();
      leaf.setRequiresGradient(true);
      NDArray outer = Tensors.bfloat16(manager.create(new float[] {3, 5}), false);
      backward(leaf.mul(leaf), outer);
      backward(x, leaf.getGradient());
    }
    assertThat(exact.getGradient().toFloatArray()).containsExactly(6, 20);
  }

  private static void backward(NDArray output, NDArray gradient) {
    JniUtils.backward((PtNDArray) output, (PtNDArray) gradient, false, false);
  }

  @Test
  void masterParametersAreFloat32() {
    Parameter parameter = parameter(Parameter.Type.WEIGHT, DataType.FLOAT64);
    ParameterStore store = Precision.BFLOAT16.store(manager);
    assertThatThrownBy(() -> store.getValue(parameter, Device.cpu(), true))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("float64");
  }

  /** What Java may do with such an array, and what it does to the gradient. */
  @Test
  void theNamedOperationsAreSafe() {
    NDArray exact = manager.create(new float[] {1, 2, 3, 4, 5, 6}, new Shape(2, 3));
    exact.setRequiresGradient(true);
    try (Autograd autograd = new Autograd()) {
      NDArray x = Tensors.bfloat16(exact, true);
      assertThat(x.getDataType()).isEqualTo(DataType.UNKNOWN);
      assertThat(x.getShape()).isEqualTo(new Shape(2, 3));
      assertThat(x.getDevice()).isEqualTo(Device.cpu());
      NDArray y = x.add(x).mul(0.5).sub(x.mul(0)); // x
      y = NDArrays.concat(new NDList(y.get(":, :1"), y.get(":, 1:"), y.get(":, :0")), 1);
      y = y.reshape(3, 2).reshape(2, 3).transpose().transpose().expandDims(1).squeeze(1);
      y = NDArrays.stack(new NDList(y, y)).get(0);
      y = Dropout.dropout(y, 0.5f, false).singletonOrThrow();
      NDArray dropped = Dropout.dropout(x, 0.5f, true).singletonOrThrow();
      assertThat(dropped.getDataType()).isEqualTo(DataType.UNKNOWN);
      assertThat(WIDEN.call("widen", true, y)).isEqualTo(exact);
      autograd.backward(WIDEN.call("widen", true, y.mul(y)).sum());
      assertThat(exact.getGradient().toFloatArray()).containsExactly(2, 4, 6, 8, 10, 12);
      assertThat(x.add(exact).getDataType()).isEqualTo(DataType.FLOAT32);
      assertThat(x.isNaN().any().getBoolean()).isFalse();
      NDArray last = x.get(":, -1").duplicate();
      assertThat(last.getDataType()).isEqualTo(DataType.UNKNOWN);
      last.close();
      assertThatThrownBy(x::toFloatArray).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> autograd.backward(x.sum()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("got bfloat16");
    }
  }

  @Test
  void scriptsReturnItWhereTheyWereGivenIt() {
    try (Script script =
        Script.source(
            "same",
            """
            def one(x: Tensor, more: List[Tensor]) -> Tensor:
                return x.to(torch.bfloat16) + 1

            def two(x: Tensor, more: List[Tensor]) -> Tuple[Tensor, Tensor]:
                return x.to(torch.float32), x.to(torch.bfloat16)

            def complex(x: Tensor) -> Tensor:
                return torch.complex(x.to(torch.float64), x.to(torch.float64))
            """)) {
      NDArray exact = manager.create(new float[] {1}, new Shape(1, 1));
      NDArray rounded = Tensors.bfloat16(exact, false);
      assertThat(first(script.call("one", false, rounded, new NDList()))).isEqualTo(2f);
      assertThat(first(script.call("one", false, exact, new NDList(rounded)))).isEqualTo(2f);
      assertThat(script.callAll("two", false, rounded, new NDList())).hasSize(2);
      int held = manager.getManagedArrays().size();
      assertThatThrownBy(() -> script.call("one", false, exact, new NDList(exact)))
          .isInstanceOf(ScriptException.class)
          .hasMessageContaining("bfloat16");
      assertThatThrownBy(() -> script.callAll("two", false, exact, new NDList()))
          .isInstanceOf(ScriptException.class);
      assertThatThrownBy(() -> script.call("complex", false, exact))
          .isInstanceOf(ScriptException.class);
      assertThat(manager.getManagedArrays()).hasSize(held);
    }
  }

  /** Beside a class of another package there is no precision.py: it is the one of the library. */
  @Test
  void lookingUpSumsGradientsInFloat32() {
    try (Script script = Script.resource(PrecisionTest.class, "looking_up")) {
      int count = 2000; // a sum of ones in bfloat16 stands still at 256
      NDArray exact = manager.ones(new Shape(3, 1));
      exact.setRequiresGradient(true);
      NDArray ids = manager.zeros(new Shape(1, count), DataType.INT64);
      try (Autograd autograd = new Autograd()) {
        NDArray rows = script.call("rows", true, ids, Tensors.bfloat16(exact, true));
        assertThat(rows.getDataType()).isEqualTo(DataType.UNKNOWN);
        autograd.backward(WIDEN.call("widen", true, rows).sum());
      }
      assertThat(exact.getGradient().getFloat(0, 0)).isCloseTo(count, within(count / 256f));
    }
  }

  /** What a GPU runs instead, with tables of which the rows are a multiple of 8 and not. */
  @ParameterizedTest
  @ValueSource(ints = {8, 11})
  void pickedRowsAreThoseLookedUp(int size) {
    try (Script script = Script.resource(PrecisionTest.class, "looking_up")) {
      NDArray exact = manager.randomNormal(0, 1, new Shape(size, 5), DataType.FLOAT32);
      exact.setRequiresGradient(true);
      NDArray ids = manager.create(new long[] {3, 0, 7, 3, size - 1, 3}, new Shape(2, 3));
      NDArray weights = manager.randomNormal(0, 1, new Shape(2, 3, 5), DataType.FLOAT32);
      List<NDArray> rows = new ArrayList<>();
      List<NDArray> gradients = new ArrayList<>();
      for (String function : List.of("rows", "picked")) {
        try (Autograd autograd = new Autograd()) {
          NDArray found = script.call(function, true, ids, Tensors.bfloat16(exact, true));
          rows.add(WIDEN.call("widen", true, found));
          autograd.backward(rows.get(rows.size() - 1).mul(weights).sum());
          gradients.add(exact.getGradient().duplicate());
          exact.getGradient().muli(0);
        }
      }
      assertThat(rows.get(1)).isEqualTo(rows.get(0));
      assertThat(error(gradients.get(1), gradients.get(0))).isLessThan(1e-2f);
      assertThat(gradients.get(1).get(1).abs().sum().getFloat()).isZero();
    }
  }

  @Test
  void logitsOfTwoProductsAreThoseOfFloat32() {
    try (Script script = Script.resource(PrecisionTest.class, "looking_up")) {
      NDArray x = manager.randomNormal(0, 1, new Shape(2, 3, 16), DataType.FLOAT32);
      NDArray weight = manager.randomNormal(0, 1, new Shape(8, 16), DataType.FLOAT32);
      NDArray bias = manager.randomNormal(0, 1, new Shape(8), DataType.FLOAT32);
      NDList inputs = new NDList(x, weight, bias);
      inputs.forEach(input -> input.setRequiresGradient(true));
      List<NDArray> logits = new ArrayList<>();
      List<NDList> gradients = new ArrayList<>();
      for (String function : List.of("exact", "in_two")) {
        try (Autograd autograd = new Autograd()) {
          Object[] rounded = inputs.stream().map(input -> Tensors.bfloat16(input, true)).toArray();
          NDArray found = script.call(function, true, rounded);
          assertThat(found.getDataType()).isEqualTo(DataType.FLOAT32);
          logits.add(found.duplicate());
          autograd.backward(found.mul(found).sum());
          gradients.add(new NDList());
          for (NDArray input : inputs) {
            gradients.get(gradients.size() - 1).add(input.getGradient().duplicate());
            input.getGradient().muli(0);
          }
        }
      }
      NDArray difference = logits.get(1).sub(logits.get(0)).abs().max();
      assertThat(difference.getFloat())
          .isLessThan(logits.get(0).abs().max().getFloat() / (1 << 17));
      for (int i = 0; i < 3; i++) {
        assertThat(error(gradients.get(1).get(i), gradients.get(0).get(i))).isLessThan(1e-2f);
      }
    }
  }

  private static float error(NDArray found, NDArray expected) {
    return found.sub(expected).norm().getFloat() / expected.norm().getFloat();
  }

  @Test
  void tf32NeedsAGpuAndItsVariable() {
    Device gpu = Device.gpu();
    assertThatCode(() -> Precision.TF32.requireAvailable(gpu, "1")).doesNotThrowAnyException();
    assertThatThrownBy(() -> Precision.TF32.requireAvailable(gpu, null))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("TORCH_ALLOW_TF32_CUBLAS_OVERRIDE=1")
        .hasMessageContaining("no such variable");
    assertThatThrownBy(() -> Precision.TF32.requireAvailable(gpu, "yes"))
        .hasMessageContaining("\"yes\"");
    for (String variable : new String[] {"1", "0"}) {
      assertThatThrownBy(() -> Precision.TF32.requireAvailable(Device.cpu(), variable))
          .hasMessageContaining("cpu()")
          .hasMessageContaining("float32 or bfloat16");
    }
    assertThatThrownBy(() -> Precision.TF32.store(manager))
        .isInstanceOf(IllegalStateException.class);
  }

  @ParameterizedTest
  @EnumSource(names = {"FLOAT32", "BFLOAT16"})
  void nothingIsTf32UnderAnotherName(Precision precision) {
    assertThatThrownBy(() -> precision.requireAvailable(Device.gpu(), "1"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("without it");
    assertThatCode(() -> precision.requireAvailable(Device.gpu(), null)).doesNotThrowAnyException();
    assertThatCode(() -> precision.requireAvailable(Device.cpu(), "1")).doesNotThrowAnyException();
  }
}
