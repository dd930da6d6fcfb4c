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
import org.megalab.torchscript.TensorTypes;

/**
 * A DJL block whose parameter shapes are known when it is constructed, so that parameters can be
 * counted and named before any memory is taken.
 */
public abstract class Layer extends AbstractBlock {

  /** Adds a trainable parameter. */
  protected final Parameter parameter(String name, Initializer initializer, long... shape) {
    return addParameter(
        Parameter.builder()
            .setName(name)
            .setType(name.endsWith("bias") ? Parameter.Type.BIAS : Parameter.Type.WEIGHT)
            .optShape(new Shape(shape))
            .optInitializer(initializer)
            .build());
  }

  /** Returns the array of a parameter on the device of the arrays that it meets. */
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
}
