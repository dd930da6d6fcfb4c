package org.megalab.layer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import org.jspecify.annotations.Nullable;
import org.megalab.torchscript.Script;

/**
 * A {@link TransformerLayer} whose attention stays within patches of P steps and reaches r steps
 * back into the patch before (cross-patch attention, MEGABYTE).
 *
 * <pre>
 * step kP + p attends to   kP − r, …, kP − 1     the last r of the patch before, none for k = 0
 *                    and   kP, …, kP + p         its own patch, causally
 * rotary positions         −r, …, −1 | 0, …, P − 1
 * </pre>
 *
 * B batch, T length, P patch, K patches, r reach, D model dimension, H heads, d = D/H. Input and
 * output are (B, T, D), T need not be a multiple of P. With r = 0 the patches do not know of each
 * other. Gradients flow into the patch before, and through it, layer by layer, further back. Cost
 * is P(P + r) a patch.
 *
 * <p>The common mistake is to rotate the keys of the patch before at P − r, …, P − 1 without moving
 * the queries by P: they then stand where the own patch stands.
 */
public final class PatchTransformerLayer extends TransformerLayer {

  private static final Script SCRIPT =
      Script.resource(PatchTransformerLayer.class, "patch_transformer_layer");

  private final int patch;
  private final int reach;

  /**
   * Creates a layer; the further arguments are those of {@link TransformerLayer}.
   *
   * @param patch P
   * @param reach r, 0 to P
   * @throws IllegalArgumentException if the reach is negative or longer than a patch
   */
  public PatchTransformerLayer(
      int patch,
      int reach,
      int modelDim,
      int heads,
      int feedForwardDim,
      boolean rotary,
      double dropout,
      Initializer weights) {
    super(modelDim, heads, feedForwardDim, rotary, dropout, weights);
    if (reach < 0 || reach > patch) {
      throw new IllegalArgumentException(
          "reach must be between 0 and the patch's " + patch + " steps, got " + reach);
    }
    this.patch = patch;
    this.reach = reach;
  }

  @Override
  public NDArray forward(
      ParameterStore store, NDArray x, @Nullable LayerState state, boolean training) {
    NDList p = values(store, x, training);
    if (state == null) {
      double drop = training ? dropout : 0;
      return SCRIPT.call("forward", training, x, p, heads, rotary, patch, reach, drop);
    }
    long length = x.getShape().get(1);
    NDList parts = new NDList();
    for (long done = 0; done < length; ) {
      int slot = (int) (state.position() % patch);
      long left = length - done;
      boolean whole = slot == 0 && left >= patch;
      long count = whole ? left / patch * patch : Math.min(left, patch - slot);
      NDArray part = count == length ? x : x.get(":, {}:{}", done, done + count);
      String function = whole ? "decode_patches" : "decode";
      long position = state.advance(count);
      NDArray keys = state.get(0);
      NDArray values = state.get(1);
      parts.add(
          SCRIPT.call(
              function, false, part, p, heads, rotary, patch, reach, keys, values, position));
      done += count;
    }
    return parts.size() == 1 ? parts.get(0) : NDArrays.concat(parts, 1); // (B, T, D)
  }

  /** {@inheritDoc} Here they do not: the first step of a patch moves the patch before. */
  @Override
  public boolean hasUniformSteps() {
    return false;
  }

  /**
   * {@inheritDoc} It holds keys and values that are not rotated, each (B, H, r + P, d): the last r
   * of the patch before, and the patch under way.
   */
  @Override
  public LayerState newState(NDManager manager, DataType type, int batch, int capacity) {
    Shape shape = new Shape(batch, heads, reach + patch, headDim);
    return LayerState.of(manager.zeros(shape, type), manager.zeros(shape, type));
  }
}
