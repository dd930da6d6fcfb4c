package org.megalab.train;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.megalab.data.Dataset;
import org.megalab.model.TrainableModel;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.LongColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/**
 * How large the gradients are, layer by layer, of one batch: ‖g‖ = √Σ g² over all parameters of a
 * layer. A layer is what the paths of its parameters have in common up to their first number, such
 * as {@code stack.layers.0}; where there is no number, up to their last name, such as {@code
 * stack.norm}.
 */
public final class GradientNorms {

  private GradientNorms() {}

  /**
   * Runs forward and backward over the batch with which a training would begin, and changes
   * nothing.
   *
   * @param model on any device
   * @param data what it would be trained on
   * @param config of the training: batch, window, precision, seed
   * @return a table with {@code layer}, {@code parameters}, {@code gradient norm} and {@code weight
   *     norm}, in the order of the model's blocks
   * @throws TrainingException if the model cannot learn from the data
   */
  public static Table of(TrainableModel model, Dataset data, TrainingConfig config) {
    Task task = Task.of(model, data, config);
    try (Optimizer optimizer = new Optimizer(model, config)) {
      new Gradients(model, config).backward(task.batch(0), 0).close();
      Map<String, Double> norms = optimizer.gradientNorms();
      optimizer.discardGradients();
      return table(model, norms);
    } finally {
      task.close();
    }
  }

  private static final class Sums {
    private long parameters;
    private double gradient;
    private double weight;
  }

  private static Table table(TrainableModel model, Map<String, Double> norms) {
    Map<String, Sums> layers = new LinkedHashMap<>();
    for (Map.Entry<String, Parameter> entry : model.namedParameters().entrySet()) {
      Double norm = norms.get(entry.getKey());
      if (norm == null) { // not learned
        continue;
      }
      Sums sums = layers.computeIfAbsent(layer(entry.getKey()), name -> new Sums());
      try (NDArray weight = entry.getValue().getArray().norm()) {
        sums.parameters += entry.getValue().getShape().size();
        sums.gradient += norm * norm;
        sums.weight += Math.pow(weight.getFloat(), 2);
      }
    }
    StringColumn layer = StringColumn.create("layer");
    LongColumn parameters = LongColumn.create("parameters");
    DoubleColumn gradient = DoubleColumn.create("gradient norm");
    DoubleColumn weight = DoubleColumn.create("weight norm");
    layers.forEach(
        (name, sums) -> {
          layer.append(name);
          parameters.append(sums.parameters);
          gradient.append(Math.sqrt(sums.gradient));
          weight.append(Math.sqrt(sums.weight));
        });
    return Table.create("gradients of a batch", layer, parameters, gradient, weight);
  }

  /** The path up to its first number, or without its last part. */
  static String layer(String path) {
    String[] parts = path.split("\\.", -1);
    for (int i = 1; i < parts.length; i++) {
      if (parts[i].matches("\\d+")) {
        return String.join(".", Arrays.copyOf(parts, i + 1));
      }
    }
    return path.substring(0, Math.max(0, path.lastIndexOf('.')));
  }
}
