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
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.megalab.interop.Safetensors;
import org.megalab.interop.SafetensorsWriter;
import org.megalab.model.TrainableModel;
import org.megalab.torchscript.Script;
import org.megalab.torchscript.Tensors;

/**
 * The update of all parameters in one call, with the gradients' global norm clipped first.
 *
 * <pre>
 * g ← g · min(1, clip / ‖g‖)
 *
 * adamw   m ← β1 m + (1 − β1) g        v ← β2 v + (1 − β2) g²
 *         p ← p − lr · (m / (1 − β1ᵗ) / (√(v / (1 − β2ᵗ)) + ε) + λ p)
 * adam    the same with g + λ p for g, and without λ p in the last line
 * sgd     m ← β1 m + g + λ p           p ← p − lr · m
 * </pre>
 *
 * (Loshchilov and Hutter 2019; Kingma and Ba 2015.) What decays with λ is {@link
 * TrainingConfig.WeightDecay}'s to say. Parameters of recurrences ({@link Parameter.Type#OTHER}:
 * decays, frequencies, step sizes) have a peak learning rate of at most 0.001 where only matrices
 * decay. What is not trained (running statistics) is left alone.
 */
final class Optimizer implements AutoCloseable {

  private static final Script SCRIPT = Script.resource(Optimizer.class, "optimizer");
  private static final double RECURRENCE_LEARNING_RATE = 1e-3;

  private final TrainingConfig config;
  private final NDManager manager;

  /** A zero; NaN from the first norm or cost on that is not finite. */
  private final NDArray lost;

  private final List<Group> groups = new ArrayList<>();

  /** The parameters that share a weight decay and a share of the learning rate. */
  private record Group(
      List<String> names,
      NDList parameters,
      NDList means,
      NDList squares,
      NDList steps,
      double weightDecay,
      double share) {}

  Optimizer(TrainableModel model, TrainingConfig config) {
    this.config = config;
    manager = model.manager().newSubManager();
    manager.setName("optimizer");
    try {
      lost = manager.zeros(new Shape());
      addGroups(model, config);
      discardGradients(); // of an earlier backward
    } catch (RuntimeException e) {
      manager.close();
      throw MemoryAdvice.explain(
          e,
          "the moments of " + config.optimizer() + ", as large as the parameters",
          "Try a smaller model, or sgd, which has one where the others have two");
    }
  }

  private void addGroups(TrainableModel model, TrainingConfig config) {
    double decay = config.weightDecay();
    if (config.weightDecayOf() == TrainingConfig.WeightDecay.ALL) {
      groups.add(group(model, p -> true, decay, 1));
    } else {
      double share = Math.min(1, RECURRENCE_LEARNING_RATE / config.learningRate());
      groups.add(group(model, p -> !recurrent(p) && matrix(p), decay, 1));
      groups.add(group(model, p -> !recurrent(p) && !matrix(p), 0, 1));
      groups.add(group(model, Optimizer::recurrent, 0, share));
    }
    groups.removeIf(group -> group.names.isEmpty());
  }

  private Group group(
      TrainableModel model, Predicate<Parameter> members, double decay, double share) {
    Group group =
        new Group(
            new ArrayList<>(),
            new NDList(),
            new NDList(),
            new NDList(),
            new NDList(),
            decay,
            share);
    boolean squares = config.optimizer() != TrainingConfig.OptimizerKind.SGD;
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
                if (squares) {
                  group.squares.add(manager.zeros(array.getShape(), array.getDataType()));
                  group.steps.add(manager.zeros(new Shape()));
                }
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
   * Updates the parameters from their gradients, which are zero afterwards. From the first norm or
   * cost on that is not finite no update changes anything: the next one may be handed over before
   * they are known.
   *
   * @param costs the scalars that the gradients are of
   * @return the global norm of the gradients before clipping, a scalar on the model's device that
   *     the caller closes
   */
  NDArray update(double learningRate, NDList costs) {
    try (NDManager step = manager.newSubManager()) {
      List<NDList> gradients = groups.stream().map(group -> gradients(group, step)).toList();
      NDList all = new NDList();
      gradients.forEach(all::addAll);
      NDArray norm = SCRIPT.call("clip", false, all, costs, lost, config.gradientClip());
      for (int i = 0; i < groups.size(); i++) {
        update(groups.get(i), gradients.get(i), learningRate);
      }
      norm.attach(manager);
      return norm;
    }
  }

  private void update(Group group, NDList gradients, double learningRate) {
    double rate = learningRate * group.share;
    switch (config.optimizer()) {
      case ADAMW, ADAM ->
          SCRIPT
              .call(
                  "adam",
                  false,
                  group.parameters,
                  gradients,
                  group.means,
                  group.squares,
                  group.steps,
                  lost,
                  config.optimizer() == TrainingConfig.OptimizerKind.ADAMW,
                  rate,
                  config.beta1(),
                  config.beta2(),
                  config.epsilon(),
                  group.weightDecay)
              .close();
      case SGD ->
          SCRIPT
              .call(
                  "sgd",
                  false,
                  group.parameters,
                  gradients,
                  group.means,
                  lost,
                  rate,
                  config.beta1(),
                  group.weightDecay)
              .close();
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

  /** Zeroes the gradients. */
  void discardGradients() {
    try (NDManager step = manager.newSubManager()) {
      groups.forEach(group -> Tensors.zero(gradients(group, step)));
    }
  }

  /** Returns the norm of each parameter's gradient, by the parameter's path. */
  Map<String, Double> gradientNorms() {
    Map<String, Double> norms = new TreeMap<>();
    try (NDManager step = manager.newSubManager()) {
      for (Group group : groups) {
        NDArray all = SCRIPT.call("norms", false, gradients(group, step));
        float[] values = all.toType(DataType.FLOAT32, false).toFloatArray();
        for (int i = 0; i < values.length; i++) {
          norms.put(group.names.get(i), (double) values[i]);
        }
      }
    }
    return norms;
  }

  /** Writes moments and step counts. */
  void save(Path path) {
    SafetensorsWriter writer = new SafetensorsWriter();
    for (Group group : groups) {
      for (int i = 0; i < group.names.size(); i++) {
        String name = group.names.get(i);
        NDArray mean = group.means.get(i);
        long[] shape = mean.getShape().getShape();
        writer.floats("mean." + name, () -> Tensors.floats(mean), shape);
        if (!group.squares.isEmpty()) {
          NDArray square = group.squares.get(i);
          writer.floats("square." + name, () -> Tensors.floats(square), shape);
          writer.floats("step." + name, Tensors.floats(group.steps.get(i)));
        }
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
        if (!group.squares.isEmpty()) {
          set(group.squares.get(i), file.floats("square." + name));
          set(group.steps.get(i), file.floats("step." + name));
        }
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
