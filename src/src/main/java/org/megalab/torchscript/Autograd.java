package org.megalab.torchscript;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;

/**
 * Records what a thread computes, for gradients.
 *
 * <pre>
 * try (Autograd autograd = new Autograd()) {
 *   autograd.backward(model.perByteLoss(store, ids, true).mean());
 * }
 * </pre>
 *
 * <p>It does what DJL's {@code GradientCollector} does, of which the engine allows one at a time in
 * the whole process: recording is a state of the thread here, so that several threads can train
 * several models.
 */
public final class Autograd implements AutoCloseable {

  private final boolean before = JniUtils.isGradMode();

  /** Begins recording on this thread. */
  public Autograd() {
    JniUtils.setGradMode(true);
  }

  /** Returns whether this thread records what it computes. */
  public static boolean isRecording() {
    return JniUtils.isGradMode();
  }

  /**
   * Adds the gradients of a scalar to those of the arrays that it was computed from.
   *
   * @param scalar an array of one element
   * @throws IllegalArgumentException if it is in bfloat16, of which the JVM would end
   */
  public void backward(NDArray scalar) {
    if (TensorTypes.isBfloat16(scalar)) {
      throw new IllegalArgumentException(
          "a loss is in float32 or float64, got bfloat16; end its script with .to(torch.float32)");
    }
    try (NDArray one = scalar.onesLike()) {
      JniUtils.backward((PtNDArray) scalar, (PtNDArray) one, false, false);
    }
  }

  /** Ends recording. */
  @Override
  public void close() {
    JniUtils.setGradMode(before);
  }
}
