package org.megalab.interop;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.megalab.layer.Layer;
import org.megalab.model.ModelConfig;
import org.megalab.model.SequenceModel;
import org.megalab.torchscript.Tensors;

/**
 * A model as one safetensors file: every parameter under its dotted path, and the configuration's
 * text under the metadata key {@code megalab.config}.
 */
public final class ModelFile {

  /** The metadata key of the configuration. */
  public static final String CONFIG_KEY = "megalab.config";

  private ModelFile() {}

  /** Writes a model; the file appears whole or not at all. */
  public static void save(SequenceModel model, Path path) {
    SafetensorsWriter writer = new SafetensorsWriter();
    writer.metadata(CONFIG_KEY, model.config().toJson());
    for (Map.Entry<String, Parameter> entry : model.namedParameters().entrySet()) {
      NDArray array = entry.getValue().getArray();
      long[] shape = array.getShape().getShape();
      if (array.getDataType() == DataType.FLOAT64) {
        writer.doubles(entry.getKey(), array.toDoubleArray(), shape);
      } else {
        writer.floats(entry.getKey(), array::toFloatArray, shape);
      }
    }
    writer.write(path);
  }

  /**
   * Reads a model with its parameters.
   *
   * @throws IllegalArgumentException if the file is not a model of ours, or its parameters do not
   *     fit its configuration
   */
  public static SequenceModel load(Path path, Device device) {
    Safetensors file = Safetensors.open(path);
    String config = file.metadata().get(CONFIG_KEY);
    if (config == null) {
      throw new IllegalArgumentException(
          path
              + " has no \""
              + CONFIG_KEY
              + "\" in its metadata; it is not a model that Megalab saved");
    }
    SequenceModel model = ModelConfig.fromJson(config).newModel().initialize(device, 0);
    try {
      copy(file, path, UnaryOperator.identity(), model);
      return model;
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }

  /** Copies a saved model's parameters into a model of the same configuration. */
  public static void copyInto(Path path, SequenceModel model) {
    copy(Safetensors.open(path), path, UnaryOperator.identity(), model);
  }

  /**
   * Copies tensors into a model's parameters.
   *
   * @param file the tensors
   * @param path named in errors
   * @param nameInFile maps a parameter's dotted path to its name in the file
   * @param model whose every parameter is set
   * @throws IllegalArgumentException if a tensor is missing or has another shape, axes of length 1
   *     aside; the model is then unchanged
   */
  static void copy(Safetensors file, Path path, UnaryOperator<String> nameInFile, Layer model) {
    Map<String, Parameter> parameters = model.namedParameters();
    Set<String> names = file.names();
    Set<String> missing = new TreeSet<>();
    parameters.forEach(
        (name, parameter) -> {
          String stored = nameInFile.apply(name);
          if (!names.contains(stored)) {
            missing.add(stored);
          } else if (!sameButForOnes(new Shape(file.shape(stored)), parameter.getShape())) {
            throw new IllegalArgumentException(
                path
                    + ": \""
                    + stored
                    + "\" has shape "
                    + new Shape(file.shape(stored))
                    + ", the model needs "
                    + parameter.getShape());
          }
        });
    if (!missing.isEmpty()) {
      throw new IllegalArgumentException(path + " lacks the tensors " + missing);
    }
    parameters.forEach(
        (name, parameter) -> set(parameter.getArray(), file, nameInFile.apply(name)));
  }

  /** Whether two shapes are equal when axes of length 1 are left out. */
  static boolean sameButForOnes(Shape a, Shape b) {
    return Arrays.equals(withoutOnes(a), withoutOnes(b));
  }

  private static long[] withoutOnes(Shape shape) {
    return Arrays.stream(shape.getShape()).filter(length -> length != 1).toArray();
  }

  private static void set(NDArray target, Safetensors file, String name) {
    try (NDManager scratch = target.getManager().newSubManager()) {
      Shape shape = target.getShape();
      Tensors.assign(
          target,
          target.getDataType() == DataType.FLOAT64
              ? scratch.create(file.doubles(name), shape)
              : scratch.create(file.floats(name), shape));
    }
  }
}
