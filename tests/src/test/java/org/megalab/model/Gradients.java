package org.megalab.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.megalab.torchscript.Autograd;
import org.megalab.torchscript.Tensors;

/** The gradients of a model's parameters by name, as arrays of Java. */
final class Gradients {

  private Gradients() {}

  /** Those of the sum of what the losses return, one backward pass each. */
  @SafeVarargs
  static Map<String, float[]> of(
      TrainableModel model,
      Autograd.@Nullable Options options,
      Function<NDManager, NDArray>... losses) {
    zero(model);
    try (Autograd autograd = new Autograd(options)) {
      for (Function<NDManager, NDArray> loss : losses) {
        try (NDManager step = model.manager().newSubManager()) {
          autograd.backward(loss.apply(step));
        }
      }
    }
    return now(model);
  }

  /** Those that are there, which are zero afterwards. */
  static Map<String, float[]> take(TrainableModel model) {
    Map<String, float[]> found = now(model);
    zero(model);
    return found;
  }

  private static Map<String, float[]> now(TrainableModel model) {
    Map<String, float[]> found = new LinkedHashMap<>();
    model
        .namedParameters()
        .forEach(
            (name, parameter) -> {
              if (parameter.requiresGradient()) {
                try (NDArray gradient = parameter.getArray().getGradient()) {
                  found.put(name, gradient.toFloatArray());
                }
              }
            });
    return found;
  }

  private static void zero(TrainableModel model) {
    NDList gradients = new NDList();
    model
        .namedParameters()
        .values()
        .forEach(
            parameter -> {
              if (parameter.requiresGradient()) {
                parameter.getArray().setRequiresGradient(true);
                gradients.add(parameter.getArray().getGradient());
              }
            });
    Tensors.zero(gradients);
    gradients.close();
  }

  /** The largest difference of a value, as a share of its array's largest. */
  static double distance(Map<String, float[]> one, Map<String, float[]> two) {
    double worst = 0;
    for (Map.Entry<String, float[]> entry : one.entrySet()) {
      float[] a = entry.getValue();
      float[] b = two.get(entry.getKey());
      double largest = 0;
      double difference = 0;
      for (int i = 0; i < a.length; i++) {
        largest = Math.max(largest, Math.abs((double) a[i]));
        difference = Math.max(difference, Math.abs((double) a[i] - b[i]));
      }
      if (!(difference == 0)) {
        worst = Math.max(worst, difference / Math.max(largest, 1e-12));
      }
    }
    return worst;
  }

  /** Those of some of the parameters. */
  static Map<String, float[]> some(Map<String, float[]> gradients, Predicate<String> names) {
    Map<String, float[]> some = new LinkedHashMap<>(gradients);
    some.keySet().removeIf(names.negate());
    return some;
  }

  /** The largest value of all. */
  static double largest(Map<String, float[]> gradients) {
    double largest = 0;
    for (float[] values : gradients.values()) {
      for (float value : values) {
        largest = Math.max(largest, Math.abs((double) value));
      }
    }
    return largest;
  }
}
