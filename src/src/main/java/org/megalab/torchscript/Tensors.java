package org.megalab.torchscript;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import java.util.function.Function;

/** What DJL's {@code NDArray} does not offer, or does not do in place. */
public final class Tensors {

  private static final Script SCRIPT = Script.resource(Tensors.class, "tensors");

  private Tensors() {}

  /**
   * Copies values into an array, keeping its memory, its gradient and its place in models. Element
   * types and devices may differ.
   *
   * @throws ScriptException if the shapes do not fit
   */
  public static void assign(NDArray target, NDArray source) {
    SCRIPT.call("assign", false, target, source).close();
  }

  /** Copies values into arrays of the same shapes and types, all at once. */
  public static void assignAll(NDList targets, NDList sources) {
    if (!targets.isEmpty()) {
      SCRIPT.call("assign_all", false, targets, sources).close();
    }
  }

  /**
   * Returns the values of a float32 array in row-major order, and leaves nothing behind.
   *
   * <p>The common mistake is {@code array.toFloatArray()} on an array that lives long: where it is
   * on a GPU, or its elements are not in order, DJL reads them from a copy that stays as long as
   * the array's manager.
   */
  public static float[] floats(NDArray array) {
    try (NDManager scope = array.getManager().newSubManager()) {
      return alias(array, scope).toFloatArray();
    }
  }

  /** Returns the values of a float64 array in row-major order, as {@link #floats} does. */
  public static double[] doubles(NDArray array) {
    try (NDManager scope = array.getManager().newSubManager()) {
      return alias(array, scope).toDoubleArray();
    }
  }

  /** The same memory under another owner, which also gets the copies that DJL makes of it. */
  private static NDArray alias(NDArray array, NDManager owner) {
    NDArray alias = array.stopGradient();
    alias.attach(owner);
    return alias;
  }

  /** Returns the memory of all arrays that a manager and those under it own, in bytes. */
  public static long heldBytes(NDManager manager) {
    return manager.getManagedArrays().stream()
        .mapToLong(array -> array.size() * array.getDataType().getNumOfBytes())
        .sum();
  }

  /**
   * Returns a copy rounded to bfloat16, through which the gradient flows; it belongs to the array's
   * manager.
   *
   * <p>On such an array these were found to work, gradients included: shape, device, {@code
   * attach}, {@code close}, {@code get}, {@code set}, {@code reshape}, {@code transpose}, {@code
   * expandDims}, {@code add}, {@code mul} and the like (with a number too), {@code matMul}, {@code
   * sum}, {@code concat}, {@code stack}, {@code where}, {@code duplicate}, {@code stopGradient},
   * DJL's dropout and activations, and scripts. Its data type reads as unknown. To read values, or
   * to print it, throws. The JVM ends with {@code toType} to bfloat16, {@code zerosLike}, {@code
   * onesLike}, {@code softmax}, {@code toDevice}, and as the scalar of a backward.
   *
   * @param training as in {@link Script#call}
   */
  public static NDArray bfloat16(NDArray array, boolean training) {
    return SCRIPT.roundedCall("bfloat16", training, array).get(0);
  }

  /** Returns copies rounded to bfloat16 without graphs, made at once; none of no arrays. */
  static NDList bfloat16(NDList arrays) {
    return arrays.isEmpty() ? arrays : SCRIPT.roundedCall("bfloat16_together", true, arrays);
  }

  /**
   * Returns an array created on the CPU as one on a manager's device. A GPU need not be through
   * with what it was given before: nothing waits for it.
   *
   * <pre>
   * NDArray mask = Tensors.upload(manager, host -> host.create(counts, shape));
   * </pre>
   *
   * <p>The common mistake is {@code manager.create} in a training loop: its copy to a GPU waits
   * until the step before is done, and then the GPU waits for Java.
   */
  public static NDArray upload(NDManager manager, Function<NDManager, NDArray> create) {
    if (!manager.getDevice().isGpu()) {
      return create.apply(manager);
    }
    try (NDManager host = manager.newSubManager(Device.cpu());
        NDArray like = manager.create(new Shape(1))) {
      return SCRIPT.call("upload", true, like, create.apply(host));
    }
  }

  /** Returns whole numbers as an int64 array on a manager's device, as {@link #upload} does. */
  public static NDArray longs(NDManager manager, long[] values, Shape shape) {
    return upload(manager, host -> host.create(values, shape));
  }

  /** Sets the elements of an int64 array in place, in row-major order; nothing waits for a GPU. */
  public static void set(NDArray target, long... values) {
    try (NDManager host = target.getManager().newSubManager(Device.cpu())) {
      SCRIPT.call("set", false, target, host.create(values, target.getShape())).close();
    }
  }

  /** Adds 1 in place; {@code addi(1)} would upload the number. */
  public static void increment(NDArray target) {
    SCRIPT.call("increment", false, target).close();
  }

  /**
   * Returns an array times a number, through which the gradient flows; {@code mul} would upload the
   * number, and wait until a GPU is through with what it was given before.
   */
  public static NDArray scaled(NDArray array, double factor) {
    return SCRIPT.call("scaled", true, array, factor);
  }

  /** Sets arrays to zero in place. */
  public static void zero(NDList targets) {
    if (!targets.isEmpty()) {
      SCRIPT.call("zero", false, targets).close();
    }
  }

  /**
   * Gives the memory of a GPU back that libtorch keeps for arrays to come; waits for a thread that
   * records a {@link CudaGraph}.
   */
  public static void releaseUnused(Device device) {
    if (device.isGpu()) {
      CudaGraph.alone(JniUtils::emptyCudaCache);
    }
  }
}
