package org.megalab.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.megalab.interop.Safetensors;
import org.megalab.interop.SafetensorsWriter;
import org.megalab.model.TrainableModel;
import org.megalab.torchscript.Script;
import org.megalab.torchscript.Tensors;

/**
 * An exponential moving average of the trained parameters (Polyak and Juditsky 1992):
 *
 * <pre>
 * a ← decay · a + (1 − decay) · p        after every update; a = p at first
 * </pre>
 */
final class WeightAverage implements AutoCloseable {

  private static final Script SCRIPT = Script.resource(Optimizer.class, "optimizer");

  private final NDManager manager;
  private final double decay;
  private final List<String> names = new ArrayList<>();
  private final NDList parameters = new NDList();
  private final NDList averages = new NDList();

  WeightAverage(TrainableModel model, double decay) {
    this.decay = decay;
    manager = model.manager().newSubManager();
    manager.setName("average");
    for (Map.Entry<String, Parameter> entry : model.namedParameters().entrySet()) {
      if (entry.getValue().requiresGradient()) {
        NDArray parameter = entry.getValue().getArray();
        NDArray average = manager.zeros(parameter.getShape(), parameter.getDataType());
        Tensors.assign(average, parameter);
        names.add(entry.getKey());
        parameters.add(parameter);
        averages.add(average);
      }
    }
  }

  /** Takes the parameters into the average. */
  void update() {
    SCRIPT.call("average", false, averages, parameters, decay).close();
  }

  /** Exchanges the model's parameters and their average. */
  void swap() {
    for (int i = 0; i < parameters.size(); i++) {
      try (NDManager step = manager.newSubManager()) {
        NDArray average = averages.get(i);
        NDArray kept = step.zeros(average.getShape(), average.getDataType());
        Tensors.assign(kept, average);
        Tensors.assign(average, parameters.get(i));
        Tensors.assign(parameters.get(i), kept);
      }
    }
  }

  void save(Path path) {
    SafetensorsWriter writer = new SafetensorsWriter();
    for (int i = 0; i < names.size(); i++) {
      NDArray average = averages.get(i);
      writer.floats(names.get(i), () -> Tensors.floats(average), average.getShape().getShape());
    }
    writer.write(path);
  }

  /** Reads what {@link #save} wrote. */
  void load(Path path) {
    Safetensors file = Safetensors.open(path);
    for (int i = 0; i < names.size(); i++) {
      assign(averages.get(i), file.floats(names.get(i)));
    }
  }

  /** Gives a model the averages that {@link #save} wrote. */
  static void loadInto(TrainableModel model, Path path) {
    Safetensors file = Safetensors.open(path);
    model
        .namedParameters()
        .forEach(
            (name, parameter) -> {
              if (parameter.requiresGradient()) {
                assign(parameter.getArray(), file.floats(name));
              }
            });
  }

  private static void assign(NDArray target, float[] values) {
    try (NDArray source = target.getManager().create(values, target.getShape())) {
      Tensors.assign(target, source);
    }
  }

  @Override
  public void close() {
    manager.close();
  }
}
