package org.megalab.interop;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.megalab.layer.Layer;
import org.megalab.torchscript.Libtorch;
import org.megalab.torchscript.Precision;

/**
 * A recording of one layer: its parameters are loaded under the reference's names, and a subclass
 * computes its outputs.
 */
abstract class RecordedLayer implements ReferenceModule {

  private final Safetensors file;
  private final UnaryOperator<String> referenceName;
  private final Layer layer;
  private final NDManager manager;
  private final Map<String, NDArray> inputs = new LinkedHashMap<>();

  /**
   * Loads the parameters.
   *
   * @param referenceName maps the dotted path of one of our parameters to the reference's name
   */
  RecordedLayer(
      Safetensors file,
      Path path,
      Device device,
      Layer layer,
      UnaryOperator<String> referenceName) {
    this.file = file;
    this.layer = layer;
    this.referenceName = referenceName;
    manager = Libtorch.engine().newBaseManager(device);
    try {
      layer.initialize(manager, DataType.FLOAT32, new Shape(1));
      Map<String, Parameter> parameters = layer.namedParameters();
      // Running statistics are buffers of the reference.
      Set<String> buffers =
          parameters.entrySet().stream()
              .filter(entry -> !entry.getValue().requiresGradient())
              .map(Map.Entry::getKey)
              .collect(Collectors.toSet());
      ModelFile.copy(
          file,
          path,
          name -> (buffers.contains(name) ? "buffer." : "param.") + referenceName.apply(name),
          layer);
      parameters.forEach((name, p) -> p.getArray().setRequiresGradient(!buffers.contains(name)));
    } catch (RuntimeException e) {
      manager.close();
      throw e;
    }
  }

  /** Returns whether the recording has a tensor. */
  final boolean has(String tensor) {
    return file.names().contains(tensor);
  }

  /** Returns a floating-point input by its name without {@code input.}, as a leaf of autograd. */
  final NDArray input(String name) {
    return inputs.computeIfAbsent(
        name,
        key -> {
          String tensor = "input." + key;
          NDArray array = manager.create(file.floats(tensor), new Shape(file.shape(tensor)));
          array.setRequiresGradient(true);
          return array;
        });
  }

  /** Returns an input as the layer would get it from another in the precision of a store. */
  final NDArray activation(String name, ParameterStore store) {
    return Precision.activation(store, input(name));
  }

  /** Returns an int64 input by its name without {@code input.}. */
  final NDArray integers(String name) {
    String tensor = "input." + name;
    return manager.create(file.longs(tensor), new Shape(file.shape(tensor)));
  }

  @Override
  public final Map<String, NDArray> parameters() {
    Map<String, NDArray> parameters = new LinkedHashMap<>();
    layer
        .namedParameters()
        .forEach((name, p) -> parameters.put(referenceName.apply(name), p.getArray()));
    return parameters;
  }

  @Override
  public final Map<String, NDArray> inputs() {
    return inputs;
  }

  @Override
  public final void close() {
    manager.close();
  }
}
