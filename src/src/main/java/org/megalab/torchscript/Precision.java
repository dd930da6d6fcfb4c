package org.megalab.torchscript;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a model computes in. Its parameters, their gradients and the optimizer are in float32
 * always; so are, whatever the precision, coefficients, kernels and states of recurrences, the
 * statistics of norms, softmax, logits and loss. So are rotations and the gains of norms, but on a
 * GPU, where they are rounded as they are applied; there logits are exact to about 2^-17 in
 * training.
 *
 * <pre>
 * ParameterStore store = Precision.BFLOAT16.store(step); // a new one for every step
 * NDArray loss = model.perByteLoss(store, ids, true).mean();
 * </pre>
 *
 * <pre>
 *             sign  exponent  fraction   one step around 1
 * FLOAT32     1     8         23         1.2e-7
 * TF32        1     8         10         9.8e-4   inputs of matrix products; sums in float32
 * BFLOAT16    1     8          7         7.8e-3   parameters' copies, activations, their gradients
 * </pre>
 *
 * <p>TF32 is a state of the whole process: libtorch reads {@value #TF32_VARIABLE} once, and no call
 * that Java can make changes it later (the operators have no such switch; only the convolutions of
 * cuDNN take one). With it every matrix product of the process in float32 is one in TF32, those
 * inside the moving averages too, so that the other precisions refuse a GPU then.
 */
public enum Precision {
  /**
   * All in float32; only cuDNN's convolutions, of which MEGABYTE's encoder has some, are in TF32.
   */
  FLOAT32,
  /** Matrix products on a GPU with inputs rounded to TF32. */
  TF32,
  /** Matrices, embeddings, biases and activations in bfloat16. */
  BFLOAT16;

  /** The environment variable that turns TF32 on. */
  public static final String TF32_VARIABLE = "TORCH_ALLOW_TF32_CUBLAS_OVERRIDE";

  /**
   * Returns a store of parameters with which a model computes in this precision.
   *
   * @param manager that of the step: it owns the rounded copies, and its device is the model's
   * @throws IllegalStateException if this precision is not to be had on the manager's device
   */
  public ParameterStore store(NDManager manager) {
    return store(manager, List.of());
  }

  /**
   * Returns a store as {@link #store(NDManager)}, which rounds these parameters together: for a
   * step of training, in which a GPU is given as few kernels as can be.
   *
   * @param parameters those of the model, on the manager's device
   */
  public ParameterStore store(NDManager manager, Collection<Parameter> parameters) {
    requireAvailable(manager.getDevice());
    return this == BFLOAT16
        ? new MixedPrecision(manager, parameters)
        : new ParameterStore(manager, false);
  }

  /**
   * Returns an activation as a model has it that computes with a store: rounded to bfloat16 where
   * the matrices are. The gradient flows through it.
   */
  public static NDArray activation(ParameterStore store, NDArray x) {
    return store instanceof MixedPrecision ? Tensors.bfloat16(x, Autograd.isRecording()) : x;
  }

  /** Returns a result in a type that Java can read, with its gradient: float32 for bfloat16. */
  public static NDArray widened(NDArray y) {
    return TensorTypes.isBfloat16(y) ? y.add(y.getManager().zeros(new Shape(1))) : y;
  }

  /**
   * Returns if this process computes in this precision on a device.
   *
   * @throws IllegalStateException if not, with what to do
   */
  public void requireAvailable(Device device) {
    requireAvailable(device, System.getenv(TF32_VARIABLE));
  }

  void requireAvailable(Device device, @Nullable String variable) {
    boolean on = "1".equals(variable);
    if (this == TF32 && !device.isGpu()) {
      throw new IllegalStateException(
          "TF32 is a mode of NVIDIA GPUs and the device is "
              + device
              + "; take float32 or bfloat16 there");
    }
    if (this == TF32 && !on) {
      throw new IllegalStateException(
          "TF32 is off in this process; start it with "
              + TF32_VARIABLE
              + "=1 in its environment, such as: "
              + TF32_VARIABLE
              + "=1 ./megalab, got "
              + (variable == null ? "no such variable" : "\"" + variable + "\""));
    }
    if (this != TF32 && on && device.isGpu()) {
      throw new IllegalStateException(
          name().toLowerCase(Locale.ROOT)
              + " would compute its float32 products in TF32, because "
              + TF32_VARIABLE
              + "=1; start the process without it, or take TF32");
    }
  }
}
