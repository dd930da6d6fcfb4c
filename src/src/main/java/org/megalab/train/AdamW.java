package org.megalab.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.megalab.interop.Safetensors;
import org.megalab.interop.SafetensorsWriter;
import org.megalab.model.SequenceModel;
import org.megalab.torchscript.Script;
import org.megalab.torchscript.Tensors;

/**
 * AdamW (Loshchilov and Hutter 2019) with the gradients' global norm clipped first; all parameters
 * in one call.
 *
 * <pre>
 * g ← g · min(1, clip / ‖g‖)
 * m ← β1 m + (1 − β1) g        v ← β2 v + (1 − β2) g²
 * p ← p − lr · (m / (1 − β1ᵗ) / (√(v / (1 − β2ᵗ)) + ε) + λ p)
 * </pre>
 *
 * Parameters of two and more axes (matrices, embeddings) decay with λ; vectors (biases, norms) do
 * not. Parameters of recurrences ({@link Parameter.Type#OTHER}: decays, frequencies, step sizes) do
 * not decay either, and their peak learning rate is at most 0.001. What is not trained (running
 * statistics) is left alone.
 */
final class AdamW implements AutoCloseable {

  private static final Script SCRIPT = Script.resource(AdamW.class, "adam_w");

  private final TrainingConfig config;
  private final NDManager manager;
  private final List<Group> groups = new ArrayList<>();

  private static final double RECURRENCE_LEARNING_RATE = 1e-3;

  /** The parameters that share a weight decay and a share of the learning rate. */
  private record Group(
      List<String> names,
      NDList parameters,
      NDList means,
      NDList squares,
      NDList steps,
      double weightDecay,
      double share) {}

  AdamW(SequenceModel model, TrainingConfig config) {
    this.config = config;
    manager = model.manager().newSubManager();
    manager.setName("optimizer");
    double share = Math.min(1, RECURRENCE_LEARNING_RATE / config.learningRate());
    groups.add(group(model, p -> !recurrent(p) && matrix(p), config.weightDecay(), 1));
    groups.add(group(model, p -> !recurrent(p) && !matrix(p), 0, 1));
    groups.add(group(model, AdamW::recurrent, 0, share));
    try (NDManager step = manager.newSubManager()) {
      groups.forEach(group -> Tensors.zero(gradients(group, step))); // of an earlier backward
    }
  }

  private Group group(
      SequenceModel model, Predicate<Parameter> members, double weightDecay, double share) {
    Group group =
        new Group(
            new ArrayList<>(),
            new NDList(),
            new NDList(),
            new NDList(),
            new NDList(),
            weightDecay,
            share);
    model
        .namedParameters()
        .forEach(
            (name, parameter) -> {
              if (parameter.requiresGradient() && members.test(parameter)) {
                NDArray array = parameter.getArray();
                array.setRequiresGradient(true);
                group.names.add(name);
                group.parameters.add(array);
                group.means.add(manager.zeros(array.getShape(), array.getDataType()));
                group.squares.add(manager.zeros(array.getShape(), array.getDataType()));
                group.steps.add(manager.zeros(new Shape()));
              }
            });
    return group;
  }

  private static boolean recurrent(Parameter parameter) {
    return parameter.getType() == Parameter.Type.OTHER;
  }

  private static boolean matrix(Parameter parameter) {
    return parameter.getShape().dimension() > 1;
  }

  /**
   * Updates the parameters from their gradients, which are zero afterwards.
   *
   * @return the global norm of the gradients before clipping; where it is not finite, nothing was
   *     updated
   */
  double update(double learningRate) {
    try (NDManager step = manager.newSubManager()) {
      List<NDList> gradients = groups.stream().map(group -> gradients(group, step)).toList();
      NDList all = new NDList();
      gradients.forEach(all::addAll);
      NDArray norm = SCRIPT.call("clip", false, all, config.gradientClip());
      for (int i = 0; i < groups.size(); i++) {
        Group group = groups.get(i);
        if (!group.names.isEmpty()) {
          SCRIPT
              .call(
                  "update",
                  false,
                  group.parameters,
                  gradients.get(i),
                  group.means,
                  group.squares,
                  group.steps,
                  norm,
                  learningRate * group.share,
                  config.beta1(),
                  config.beta2(),
                  config.epsilon(),
                  group.weightDecay)
              .close();
        }
      }
      return norm.toType(DataType.FLOAT64, false).getDouble();
    }
  }

  private static NDList gradients(Group group, NDManager step) {
    NDList gradients = new NDList();
    for (NDArray parameter : group.parameters) {
      NDArray gradient = parameter.getGradient();
      gradient.attach(step);
      gradients.add(gradient);
    }
    return gradients;
  }

  /** Writes moments and step counts. */
  void save(Path path) {
    SafetensorsWriter writer = new SafetensorsWriter();
    for (Group group : groups) {
      for (int i = 0; i < group.names.size(); i++) {
        String name = group.names.get(i);
        NDArray mean = group.means.get(i);
        NDArray square = group.squares.get(i);
        long[] shape = mean.getShape().getShape();
        writer.floats("mean." + name, () -> Tensors.floats(mean), shape);
        writer.floats("square." + name, () -> Tensors.floats(square), shape);
        writer.floats("step." + name, Tensors.floats(group.steps.get(i)));
      }
    }
    writer.write(path);
  }

  /** Reads what {@link #save} wrote. */
  void load(Path path) {
    Safetensors file = Safetensors.open(path);
    for (Group group : groups) {
      for (int i = 0; i < group.names.size(); i++) {
        String name = group.names.get(i);
        set(group.means.get(i), file.floats("mean." + name));
        set(group.squares.get(i), file.floats("square." + name));
        set(group.steps.get(i), file.floats("step." + name));
      }
    }
  }

  private void set(NDArray target, float[] values) {
    try (NDArray source = manager.create(values, target.getShape())) {
      Tensors.assign(target, source);
    }
  }

  @Override
  public void close() {
    manager.close();
  }
}
