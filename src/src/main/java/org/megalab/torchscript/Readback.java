package org.megalab.torchscript;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import com.sun.jna.Pointer;
import org.jspecify.annotations.Nullable;

/**
 * Scalars on their way from a device, which goes on with other work meanwhile.
 *
 * <pre>
 * try (Readback numbers = Readback.of(new NDList(cost, norm))) {
 *   handOverTheNextStep();
 *   double cost = numbers.await()[0];            // waits for the step before alone
 * }
 * </pre>
 *
 * The common mistake is to call {@code cost.toFloatArray()} behind the next step instead: the copy
 * that it makes waits until the device is through with that step too.
 */
public final class Readback implements AutoCloseable {

  private static final Script SCRIPT = Script.resource(Tensors.class, "tensors");

  private final NDArray values;
  private @Nullable Pointer event;

  private Readback(NDArray values, @Nullable Pointer event) {
    this.values = values;
    this.event = event;
  }

  /**
   * Starts to copy scalars of one device; they may be closed then. Where that is not {@link
   * #isAsynchronous}, it waits for them.
   *
   * @param scalars of any type and number; the first one's manager owns the copy
   * @throws IllegalStateException if the GPU no longer works
   */
  public static Readback of(NDList scalars) {
    boolean asynchronous = isAsynchronous(scalars.head().getDevice());
    NDArray values = SCRIPT.call("read_back", false, scalars, asynchronous);
    try {
      return new Readback(values, asynchronous ? library().recordEvent() : null);
    } catch (RuntimeException e) {
      values.close();
      throw e;
    }
  }

  /**
   * Returns whether a device, with which this thread has worked, goes on while scalars are copied:
   * a GPU of a libtorch with CUDA on Linux.
   */
  public static boolean isAsynchronous(Device device) {
    return device.isGpu()
        && CudaLibrary.instance().filter(library -> library.isCurrent(device)).isPresent();
  }

  /**
   * Returns the scalars, exactly, when the device has come as far; what it was given later is not
   * waited for.
   *
   * @throws IllegalStateException if the GPU no longer works
   */
  public double[] await() {
    if (event != null) {
      library().awaitEvent(event);
    }
    return Tensors.doubles(values);
  }

  /** Frees the copy, awaited or not. */
  @Override
  public void close() {
    if (event != null) {
      library().destroyEvent(event);
      event = null;
    }
    values.close();
  }

  private static CudaLibrary library() {
    return CudaLibrary.instance().orElseThrow();
  }
}
