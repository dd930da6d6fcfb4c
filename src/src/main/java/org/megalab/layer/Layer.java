package org.megalab.layer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import ai.djl.util.Pair;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.megalab.torchscript.Precision;
import org.megalab.torchscript.TensorTypes;

/**
 * A DJL block whose parameter shapes are known when it is constructed, so that parameters can be
 * counted and named before any memory is taken.
 */
public abstract class Layer extends AbstractBlock {

  /** Adds a trainable parameter that {@link Precision#BFLOAT16} may round: a matrix, a bias. */
  protected final Parameter parameter(String name, Initializer initializer, long... shape) {
    Parameter.Type type = name.endsWith("bias") ? Parameter.Type.BIAS : Parameter.Type.WEIGHT;
    return add(name, type, true, initializer, shape);
  }

  /**
   * Adds a trainable parameter that is in float32 whatever the precision: the gain and bias of a
   * norm, the coefficients of a recurrence. Its DJL type tells, which is that of a norm's.
   */
  protected final Parameter preciseParameter(String name, Initializer initializer, long... shape) {
    Parameter.Type type = name.endsWith("bias") ? Parameter.Type.BETA : Parameter.Type.GAMMA;
    return add(name, type, true, initializer, shape);
  }

  /**
   * Adds a trainable parameter of a recurrence, such as the logarithm of a decay or of a step size:
   * in float32 whatever the precision, and whatever its shape, weight decay leaves it alone and it
   * learns slowly.
   */
  protected final Parameter recurrenceParameter(
      String name, Initializer initializer, long... shape) {
    return add(name, Parameter.Type.OTHER, true, initializer, shape);
  }

  /** Adds a running statistic: saved with the parameters, but not trained. */
  protected final Parameter statistic(
      String name, Parameter.Type type, Initializer initializer, long... shape) {
    return add(name, type, false, initializer, shape);
  }

  private Parameter add(
      String name, Parameter.Type type, boolean trained, Initializer initializer, long... shape) {
    return addParameter(
        Parameter.builder()
            .setName(name)
            .setType(type)
            .optRequiresGrad(trained)
            .optShape(new Shape(shape))
            .optInitializer(initializer)
            .build());
  }

  /**
   * Returns the array of a parameter on the device of the arrays that it meets, in the precision of
   * the store.
   */
  protected static NDArray value(
      ParameterStore store, Parameter parameter, NDArray like, boolean training) {
    return store.getValue(parameter, like.getDevice(), training);
  }

  /** Returns the arrays of all direct parameters, in the order in which they were added. */
  protected final NDList values(ParameterStore store, NDArray like, boolean training) {
    NDList values = new NDList(parameters.size());
    for (Parameter parameter : parameters.values()) {
      values.add(value(store, parameter, like, training));
    }
    return values;
  }

  /** Returns all direct parameters themselves, in the same order, for their gradients. */
  final NDList leaves() {
    NDList leaves = new NDList(parameters.size());
    parameters.values().forEach(parameter -> leaves.add(parameter.getArray()));
    return leaves;
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException for an element type that Java cannot hold, such as bfloat16
   */
  @Override
  public void initialize(NDManager manager, DataType dataType, Shape... inputShapes) {
    super.initialize(manager, TensorTypes.requireSupported(dataType), inputShapes);
  }

  @Override
  protected void initializeChildBlocks(NDManager manager, DataType dataType, Shape... inputShapes) {
    for (Block child : children.values()) {
      child.initialize(manager, dataType, inputShapes);
    }
  }

  /**
   * Returns the parameters by dotted path, such as {@code global.layers.0.attention.qkv.weight}, in
   * the order of the block tree.
   */
  public final Map<String, Parameter> namedParameters() {
    Map<String, Parameter> named = new LinkedHashMap<>();
    collect(this, "", named);
    return named;
  }

  /**
   * Returns one parameter's array, as for looking at it in a notebook.
   *
   * @param path as in {@link #namedParameters()}
   * @throws IllegalArgumentException if there is no such parameter
   */
  public final NDArray weight(String path) {
    Parameter parameter = namedParameters().get(path);
    if (parameter == null) {
      throw new IllegalArgumentException(
          "there is no parameter \"" + path + "\"; there are " + namedParameters().keySet());
    }
    return parameter.getArray();
  }

  private static void collect(Block block, String prefix, Map<String, Parameter> named) {
    block.getDirectParameters().forEach(p -> named.put(prefix + p.getKey(), p.getValue()));
    int number = 0;
    for (Pair<String, Block> child : block.getChildren()) {
      String counted = String.format(Locale.ROOT, "%02d", ++number); // DJL numbers its children
      String name = child.getKey().substring(counted.length());
      collect(child.getValue(), prefix + name + ".", named);
    }
  }
}
