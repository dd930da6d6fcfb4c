package org.megalab.evaluate;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.megalab.model.SequenceModel;
import org.megalab.torchscript.Autograd;
import org.megalab.torchscript.Script;
import org.megalab.torchscript.Tensors;

/**
 * Runs training steps of which the model learns nothing, to take their time: the update is one of
 * AdamW with a learning rate of 0.
 */
public final class ThroughputMeasurement {

  private static final Script SCRIPT = Script.resource(ThroughputMeasurement.class, "throughput");

  private final SequenceModel model;
  private final int batchSize;
  private final int length;
  private final int warmUp;
  private final int steps;
  private final @Nullable Peak peak;
  private final Function<NDManager, ParameterStore> store;
  private final Autograd.@Nullable Options options;
  private final EvaluationListener listener;

  private ThroughputMeasurement(SequenceModel model, Builder builder) {
    this.model = model;
    batchSize = builder.batchSize;
    length = builder.length > 0 ? builder.length : model.config().contextLength();
    warmUp = builder.warmUp;
    steps = builder.steps;
    peak = builder.peak;
    store = builder.store;
    options = builder.options;
    listener = builder.listener;
  }

  /** Takes the time of all steps, or of those until the listener stops. */
  public TrainingThroughput run() {
    List<Double> seconds = new ArrayList<>();
    long predicted = 0;
    double memory;
    Memory.restartPeak();
    long bytes = (long) batchSize * length;
    try (NDManager owner = model.manager().newSubManager()) {
      Optimizer optimizer = new Optimizer(model, owner);
      Random random = new Random(1);
      for (int i = 0; i < warmUp + steps; i++) {
        if (!listener.onBytes(i * bytes, (warmUp + steps) * bytes)) {
          break;
        }
        long begin = System.nanoTime();
        predicted = step(random, optimizer);
        if (i >= warmUp) {
          seconds.add((System.nanoTime() - begin) / 1e9);
        }
      }
      memory = Memory.peak(model.device());
    }
    return new TrainingThroughput(
        model.config().architecture(),
        batchSize,
        length,
        predicted,
        seconds,
        model.config().flops(length).training(),
        peak,
        memory);
  }

  /** Returns how many bytes have a loss. */
  private long step(Random random, Optimizer optimizer) {
    try (NDManager scratch = model.manager().newSubManager()) {
      long[] symbols = random.longs((long) batchSize * length, 0, 256).toArray();
      NDArray ids = scratch.create(symbols, new Shape(batchSize, length));
      NDArray costs; // (B, T)
      try (Autograd autograd = new Autograd(options)) {
        costs = model.perByteLoss(store.apply(scratch), ids, true);
        autograd.backward(costs.mean());
      }
      optimizer.update(scratch);
      return costs.size();
    }
  }

  /** The parameters that are trained, and what an update keeps for each. */
  private static final class Optimizer {
    private final NDList parameters = new NDList();
    private final NDList means = new NDList();
    private final NDList squares = new NDList();
    private final NDList steps = new NDList();

    Optimizer(SequenceModel model, NDManager owner) {
      for (Parameter parameter : model.namedParameters().values()) {
        if (parameter.requiresGradient()) {
          NDArray array = parameter.getArray();
          array.setRequiresGradient(true);
          parameters.add(array);
          means.add(owner.zeros(array.getShape(), array.getDataType()));
          squares.add(owner.zeros(array.getShape(), array.getDataType()));
          steps.add(owner.zeros(new Shape(), DataType.FLOAT32));
        }
      }
      try (NDManager scratch = owner.newSubManager()) {
        Tensors.zero(gradients(scratch)); // of an earlier backward
      }
    }

    private NDList gradients(NDManager scratch) {
      NDList gradients = new NDList();
      for (NDArray parameter : parameters) {
        NDArray gradient = parameter.getGradient();
        gradient.attach(scratch);
        gradients.add(gradient);
      }
      return gradients;
    }

    /** Updates, and waits until it is done. */
    void update(NDManager scratch) {
      NDList gradients = gradients(scratch);
      try (NDArray done =
          SCRIPT.call("update", false, parameters, gradients, means, squares, steps)) {
        Tensors.floats(done);
      }
    }
  }

  /** Collects what a measurement needs. */
  public static final class Builder {
    private @Nullable SequenceModel model;
    private int batchSize;
    private int length;
    private int warmUp = 2;
    private int steps = 10;
    private @Nullable Peak peak;
    private Function<NDManager, ParameterStore> store = scope -> new ParameterStore(scope, false);
    private Autograd.@Nullable Options options;
    private EvaluationListener listener = EvaluationListener.INTERRUPTIBLE;

    Builder() {}

    /** Sets the model; it stays as it is. */
    public Builder setModel(SequenceModel model) {
      this.model = model;
      return this;
    }

    /** Sets B, the windows of a step. */
    public Builder setBatchSize(int batchSize) {
      this.batchSize = batchSize;
      return this;
    }

    /** Sets T, the bytes of a window; the model's context when not set. */
    public Builder optLength(int length) {
      this.length = length;
      return this;
    }

    /** Sets the steps that are not measured; 2 when not set. */
    public Builder optWarmUp(int warmUp) {
      this.warmUp = warmUp;
      return this;
    }

    /** Sets the steps that are measured; 10 when not set. */
    public Builder optSteps(int steps) {
      this.steps = steps;
      return this;
    }

    /** Sets what the device can do at best; when not set there is no utilisation. */
    public Builder optPeak(Peak peak) {
      this.peak = peak;
      return this;
    }

    /**
     * Sets how a step takes the parameters, from the manager of its memory: as they are when not
     * set, or rounded copies for mixed precision.
     */
    public Builder optStore(Function<NDManager, ParameterStore> store) {
      this.store = store;
      return this;
    }

    /** Sets what is computed again or in slices instead of being kept; all is kept when not set. */
    public Builder optOptions(Autograd.Options options) {
      this.options = options;
      return this;
    }

    /** Sets what watches the steps; when not set they go on until the thread is interrupted. */
    public Builder optListener(EvaluationListener listener) {
      this.listener = listener;
      return this;
    }

    /**
     * Checks everything.
     *
     * @throws IllegalArgumentException if the model is missing or knows fewer symbols than bytes,
     *     or a number is out of range
     */
    public ThroughputMeasurement build() {
      if (model == null || batchSize < 1 || length < 0 || warmUp < 0 || steps < 1) {
        throw new IllegalArgumentException(
            "a measurement needs a model, a batch of 1 or more, a length of 0 (the context) or more, 0 or more steps of warm-up and 1 or more that count; got %s, %d, %d, %d and %d"
                .formatted(
                    model == null ? "no model" : "a model", batchSize, length, warmUp, steps));
      }
      model.requireBytes();
      return new ThroughputMeasurement(model, this);
    }
  }
}
