package org.megalab.model;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import org.jspecify.annotations.Nullable;
import org.megalab.layer.Layer;
import org.megalab.torchscript.DeviceMemoryException;
import org.megalab.torchscript.Libtorch;
import org.megalab.torchscript.Seeds;

/**
 * A whole model, that can be trained and saved: a layer that knows its configuration and owns the
 * memory of its parameters.
 */
public abstract class TrainableModel extends Layer implements AutoCloseable {

  private @Nullable NDManager manager;

  /** Returns what the model was built from. */
  public abstract TrainableConfig config();

  /**
   * Returns whether a training step does the same on a device each time, whatever the symbols and
   * parameters are, and draws nothing, so that it can be recorded. Nobody knows that of models that
   * users write.
   */
  boolean hasUniformTraining() {
    return false;
  }

  /** Returns the shape of an input with which DJL may initialise the parameters. */
  abstract Shape inputShape();

  /**
   * Gives the parameters memory on a device and initial values that depend on the seed alone. The
   * model owns them until {@link #close()}.
   *
   * <p>The engine's random numbers are shared by the process: do not initialise two models at the
   * same time.
   *
   * @return this model
   * @throws IllegalStateException if the model has parameters already, or was closed
   * @throws DeviceMemoryException if the parameters do not fit on the device
   */
  public TrainableModel initialize(Device device, long seed) {
    if (namedParameters().values().stream().anyMatch(Parameter::isInitialized)) {
      throw new IllegalStateException(
          "the model is initialised already, or was closed; build another with newModel() of its"
              + " configuration");
    }
    manager = Libtorch.engine().newBaseManager(device);
    manager.setName("model");
    Seeds.set(seed);
    try {
      initialize(manager, DataType.FLOAT32, inputShape());
    } catch (EngineException e) {
      close();
      throw DeviceMemoryException.translate(e);
    }
    return this;
  }

  /**
   * Returns the manager that owns the parameters.
   *
   * @throws IllegalStateException before the model is initialised
   */
  public final NDManager manager() {
    for (Parameter parameter : getParameters().values()) {
      if (!parameter.isInitialized()) {
        throw new IllegalStateException(
            "the model has no parameters yet; call initialize(device, seed) or load a checkpoint");
      }
      return parameter.getArray().getManager();
    }
    throw new IllegalStateException("the model has no parameters");
  }

  /** Returns the device of the parameters. */
  public final Device device() {
    return manager().getDevice();
  }

  /** Returns the number of trainable parameters, also before they have memory. */
  public final long parameterCount() {
    return namedParameters().values().stream()
        .filter(Parameter::requiresGradient)
        .mapToLong(p -> p.getShape().size())
        .sum();
  }

  /** Frees the parameters, if {@link #initialize(Device, long)} made them. */
  @Override
  public void close() {
    if (manager != null) {
      manager.close();
      manager = null;
    }
  }
}
