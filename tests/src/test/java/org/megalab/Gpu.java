package org.megalab;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.engine.StandardCapabilities;
import ai.djl.ndarray.NDManager;
import ai.djl.util.cuda.CudaUtils;
import java.util.Optional;
import org.megalab.model.ModelConfig;
import org.megalab.model.SequenceModel;
import org.megalab.torchscript.Libtorch;
import org.megalab.torchscript.Precision;
import org.megalab.torchscript.Tensors;

/**
 * The GPU of the tests, and what its memory holds.
 *
 * <p>With {@code -Dmegalab.gpu=cpu} the CPU plays its part: a rehearsal of the tests' own code.
 */
public final class Gpu {

  private static final boolean REHEARSAL = "cpu".equals(System.getProperty("megalab.gpu"));

  private Gpu() {}

  /** Returns the first GPU. */
  public static Device device() {
    return REHEARSAL ? Device.cpu() : Device.gpu();
  }

  /** Says why there is no GPU to test on; empty where there is one. */
  static Optional<String> missing() {
    if (REHEARSAL) {
      return Optional.empty();
    }
    Engine engine = Libtorch.engine();
    String libtorch = "libtorch " + engine.getVersion();
    if (!engine.hasCapability(StandardCapabilities.CUDA)) {
      return Optional.of(
          libtorch + " is one without CUDA, or there is no driver; README.md, section Devices");
    }
    if (!CudaUtils.hasCuda()) {
      return Optional.of(
          libtorch
              + " has CUDA and DJL sees no GPU: a driver or libcudart is missing; the folder of the"
              + " latter belongs into LD_LIBRARY_PATH");
    }
    if ("1".equals(System.getenv(Precision.TF32_VARIABLE))) {
      return Optional.of(Precision.TF32_VARIABLE + "=1 makes TF32 of float32");
    }
    return Optional.empty();
  }

  /** Returns the memory that is taken on the GPU, by the engine's reserve too, in bytes. */
  public static long usedBytes() {
    return REHEARSAL ? 0 : CudaUtils.getGpuMemory(device()).getCommitted();
  }

  /** Returns the memory that nobody has taken on the GPU, in bytes. */
  public static long freeBytes() {
    return REHEARSAL ? 0 : CudaUtils.getGpuMemory(device()).getMax() - usedBytes();
  }

  /** Returns how many arrays the process holds. */
  public static int arrays() {
    try (NDManager manager = NDManager.newBaseManager()) {
      return manager.getParentManager().getManagedArrays().size();
    }
  }

  /** Returns a model with the same parameters on every device: they are drawn on the CPU. */
  public static SequenceModel model(ModelConfig config, Device device) {
    SequenceModel model = config.newModel().initialize(device, 3);
    try (SequenceModel drawn = config.newModel().initialize(Device.cpu(), 3)) {
      drawn
          .namedParameters()
          .forEach((name, p) -> Tensors.assign(model.weight(name), p.getArray()));
    }
    return model;
  }
}
