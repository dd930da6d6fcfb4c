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
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.megalab.layer.Layer;
import org.megalab.model.SequenceClassifier;
import org.megalab.model.SequenceModel;
import org.megalab.model.TrainableConfig;
import org.megalab.model.TrainableModel;
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
  public static void save(TrainableModel model, Path path) {
    SafetensorsWriter writer = new SafetensorsWriter();
    writer.metadata(CONFIG_KEY, model.config().toJson());
    for (Map.Entry<String, Parameter> entry : model.namedParameters().entrySet()) {
      NDArray array = entry.getValue().getArray();
      long[] shape = array.getShape().getShape();
      if (array.getDataType() == DataType.FLOAT64) {
        writer.doubles(entry.getKey(), Tensors.doubles(array), shape);
      } else {
        writer.floats(entry.getKey(), () -> Tensors.floats(array), shape);
      }
    }
    writer.write(path);
  }

  /**
   * Reads a sequence model with its parameters.
   *
   * @throws IllegalArgumentException if the file is not a model of ours, holds a classifier, or its
   *     parameters do not fit its configuration
   */
  public static SequenceModel load(Path path, Device device) {
    return load(path, device, SequenceModel.class, "loadClassifier");
  }

  /**
   * Reads a classifier with its parameters.
   *
   * @throws IllegalArgumentException as {@link #load(Path, Device)}
   */
  public static SequenceClassifier loadClassifier(Path path, Device device) {
    return load(path, device, SequenceClassifier.class, "load");
  }

  /**
   * Reads a model of either kind with its parameters.
   *
   * @throws IllegalArgumentException as {@link #load(Path, Device)}, but for the kind
   */
  public static TrainableModel loadTrainable(Path path, Device device) {
    return load(path, device, TrainableModel.class, "");
  }

  /** Returns whether a safetensors file says that Megalab saved it as a model. */
  public static boolean isModel(Path path) {
    return Safetensors.open(path).metadata().containsKey(CONFIG_KEY);
  }

  private static <M extends TrainableModel> M load(
      Path path, Device device, Class<M> type, String other) {
    Safetensors file = Safetensors.open(path);
    String text = file.metadata().get(CONFIG_KEY);
    if (text == null) {
      throw new IllegalArgumentException(
          path
              + " has no \""
              + CONFIG_KEY
              + "\" in its metadata; it is not a model that Megalab saved");
    }
    TrainableModel model = TrainableConfig.fromJson(text).newModel();
    if (!type.isInstance(model)) {
      throw new IllegalArgumentException(
          path + " holds a " + model.getClass().getSimpleName() + "; read it with " + other);
    }
    return load(type.cast(model), tensors(file), path, UnaryOperator.identity(), device);
  }

  /** Copies a saved model's parameters into a model of the same configuration. */
  public static void copyInto(Path path, TrainableModel model) {
    copy(Safetensors.open(path), path, UnaryOperator.identity(), model);
  }

  /**
   * Gives a new model the parameters that tensors hold. Memory is taken only when everything fits.
   *
   * @param model without memory yet
   * @param tensors the file that holds each tensor
   * @param path named in errors
   * @param nameInFile maps a parameter's dotted path to its name in the file
   * @param device of the parameters
   * @throws IllegalArgumentException as {@link #copy}
   */
  static <M extends TrainableModel> M load(
      M model,
      Map<String, Safetensors> tensors,
      Path path,
      UnaryOperator<String> nameInFile,
      Device device) {
    check(tensors, path, nameInFile, model);
    model.initialize(device, 0);
    try {
      set(tensors, nameInFile, model);
      return model;
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }

  /**
   * Copies tensors into a model's parameters.
   *
   * @param file the tensors
   * @param path named in errors
   * @param nameInFile maps a parameter's dotted path to its name in the file
   * @param model whose every parameter is set
   * @throws IllegalArgumentException if a tensor is missing, has another shape, axes of length 1
   *     aside, or holds whole numbers; the model is then unchanged
   */
  static void copy(Safetensors file, Path path, UnaryOperator<String> nameInFile, Layer model) {
    Map<String, Safetensors> tensors = tensors(file);
    check(tensors, path, nameInFile, model);
    set(tensors, nameInFile, model);
  }

  /** Returns the file of each of its tensors. */
  static Map<String, Safetensors> tensors(Safetensors file) {
    return file.names().stream().collect(Collectors.toMap(name -> name, name -> file));
  }

  private static void check(
      Map<String, Safetensors> tensors, Path path, UnaryOperator<String> nameInFile, Layer model) {
    Set<String> missing = new TreeSet<>();
    model
        .namedParameters()
        .forEach(
            (name, parameter) -> {
              String stored = nameInFile.apply(name);
              Safetensors file = tensors.get(stored);
              if (file == null) {
                missing.add(stored);
                return;
              }
              Shape shape = new Shape(file.shape(stored));
              check(
                  sameButForOnes(shape, parameter.getShape()),
                  path
                      + ": \""
                      + stored
                      + "\" has shape "
                      + shape
                      + ", the model needs "
                      + parameter.getShape());
              check(
                  !file.dtype(stored).isInteger(),
                  path
                      + ": \""
                      + stored
                      + "\" holds whole numbers ("
                      + file.dtype(stored)
                      + "), not the values of a parameter; quantised weights cannot be read");
            });
    check(missing.isEmpty(), path + " lacks the tensors " + missing);
  }

  private static void check(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(message);
    }
  }

  private static void set(
      Map<String, Safetensors> tensors, UnaryOperator<String> nameInFile, Layer model) {
    model
        .namedParameters()
        .forEach(
            (name, parameter) -> {
              String stored = nameInFile.apply(name);
              Safetensors file = Objects.requireNonNull(tensors.get(stored)); // checked
              set(parameter.getArray(), file, stored);
            });
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
