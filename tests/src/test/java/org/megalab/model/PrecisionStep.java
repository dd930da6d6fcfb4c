package org.megalab.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiFunction;
import org.megalab.torchscript.Autograd;
import org.megalab.torchscript.Precision;
import org.megalab.torchscript.Tensors;

/** The loss of a batch, and the gradients of all parameters by name, in a precision. */
record PrecisionStep(double loss, Map<String, float[]> gradients) {

  static PrecisionStep of(SequenceModel model, Precision precision, byte[][] batch) {
    return of(
        model,
        precision,
        (store, step) -> model.perByteLoss(store, SequenceModel.ids(step, batch), true).mean());
  }

  /** Runs forward and backward; leaves gradients of zero behind. */
  static PrecisionStep of(
      TrainableModel model,
      Precision precision,
      BiFunction<ParameterStore, NDManager, NDArray> loss) {
    try (NDManager step = model.manager().newSubManager();
        Autograd autograd = new Autograd()) {
      model.namedParameters().values().forEach(PrecisionStep::record);
      NDArray value = loss.apply(precision.store(step), step);
      autograd.backward(value);
      Map<String, float[]> gradients = new LinkedHashMap<>();
      model
          .namedParameters()
          .forEach(
              (name, parameter) -> {
                if (parameter.requiresGradient()) {
                  NDArray gradient = parameter.getArray().getGradient();
                  gradient.attach(step);
                  gradients.put(name, Tensors.floats(gradient)); // throws unless float32
                  gradient.subi(gradient);
                }
              });
      return new PrecisionStep(value.toType(DataType.FLOAT64, false).getDouble(), gradients);
    }
  }

  private static void record(Parameter parameter) {
    NDArray array = parameter.getArray();
    if (parameter.requiresGradient() && !array.hasGradient()) {
      array.setRequiresGradient(true);
    }
  }

  /** The norm of all gradients. */
  double norm() {
    return Math.sqrt(gradients.keySet().stream().mapToDouble(n -> dot(this, n)).sum());
  }

  /** The norm of a parameter's gradient. */
  double norm(String name) {
    return Math.sqrt(dot(this, name));
  }

  /** The cosine between both gradients of a parameter. */
  double cosine(PrecisionStep other, String name) {
    return dot(other, name) / (norm(name) * other.norm(name));
  }

  private double dot(PrecisionStep other, String name) {
    float[] a = gradients.get(name);
    float[] b = other.gradients.get(name);
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }
}
