package org.megalab.layer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import org.jspecify.annotations.Nullable;

/**
 * Learned absolute positions: y_t = x_t + P_t, with one vector a position. B batch, T length, N
 * positions, D model dimension. Input and output are (B, T, D). The state is the position alone.
 */
public final class LearnedPositions extends StreamingLayer {

  private final long positions;
  private final Parameter table;

  /**
   * Creates the layer.
   *
   * @param positions N
   * @param modelDim D
   * @param weights the distribution of P (N, D) at first
   */
  public LearnedPositions(int positions, int modelDim, Initializer weights) {
    this.positions = positions;
    table = parameter("weight", weights, positions, modelDim);
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException if the sequence goes on beyond the last position
   */
  @Override
  public NDArray forward(
      ParameterStore store, NDArray x, @Nullable LayerState state, boolean training) {
    long first = state == null ? 0 : state.advance(x.getShape().get(1));
    Place place = state == null ? null : state.place();
    if (place == null) {
      return add(store, x, first, training);
    }
    NDArray all = value(store, table, x, training); // (N, D)
    try (NDArray vector = all.get(place.position())) { // (1, D)
      return x.add(vector);
    }
  }

  @Override
  public boolean hasUniformSteps() {
    return true;
  }

  /**
   * Adds the vectors of consecutive positions.
   *
   * @param store where the parameters come from
   * @param x (B, T, D)
   * @param first the position of the first step
   * @param training whether the result takes part in autograd
   * @throws IllegalArgumentException if there are not that many positions
   */
  NDArray add(ParameterStore store, NDArray x, long first, boolean training) {
    long end = first + x.getShape().get(1);
    if (end > positions) {
      throw new IllegalArgumentException(
          "there are learned vectors for "
              + positions
              + " positions and "
              + end
              + " were asked for; take shorter sequences or a longer table");
    }
    NDArray all = value(store, table, x, training); // (N, D)
    try (NDArray vectors = all.get(new NDIndex("{}:{}", first, end))) { // (T, D)
      return x.add(vectors);
    }
  }
}
