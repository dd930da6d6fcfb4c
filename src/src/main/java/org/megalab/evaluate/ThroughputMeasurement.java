package org.megalab.evaluate;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;
import org.megalab.data.RandomWindows;
import org.megalab.data.Split;
import org.megalab.model.BackwardPass;
import org.megalab.model.SequenceModel;
import org.megalab.torchscript.Precision;
import org.megalab.torchscript.Tensors;

/**
 * Runs training steps of which the model learns nothing, to take their time: the update is one of
 * AdamW with a learning rate of 0.
 */
public final class ThroughputMeasurement {

  private static final int DEVICE_STEPS = 5;

  /** The steps that are handed to a GPU before it is waited for. */
  private static final int GPU_STEPS = 4;

  /** The bytes of a step of which several are taken in a row. */
  private static final long QUICK_BYTES = 1L << 18;

  private final SequenceModel model;
  private final int batchSize;
  private final int length;
  private final LongFunction<byte[][]> batches;
  private final int warmUp;
  private final int steps;
  private final @Nullable Peak peak;
  private final Precision precision;
  private final int recomputeLayers;
  private final int lossSlice;
  private final EvaluationListener listener;

  private ThroughputMeasurement(SequenceModel model, Builder builder) {
    this.model = model;
    batchSize = builder.batchSize;
    length = builder.length > 0 ? builder.length : model.config().contextLength();
    batches = batches(builder.data);
    warmUp = builder.warmUp;
    steps = builder.steps;
    peak = builder.peak;
    precision = builder.precision;
    recomputeLayers = builder.recomputeLayers;
    lossSlice = builder.lossSlice;
    listener = builder.listener;
  }

  /** The rows of a step: windows of the data as in training, or random bytes. */
  private LongFunction<byte[][]> batches(@Nullable Split data) {
    if (data != null) {
      return new RandomWindows(data, length, batchSize, 1)::batch;
    }
    return step -> {
      Random random = new Random(step);
      byte[][] rows = new byte[batchSize][length];
      for (byte[] row : rows) {
        random.nextBytes(row);
      }
      return rows;
    };
  }

  /** Takes the time of all steps, or of those until the listener stops. */
  public TrainingThroughput run() {
    List<Step> taken = new ArrayList<>();
    long bytes = (long) batchSize * length;
    double memory;
    double deviceSeconds = Double.NaN;
    Memory.restartPeak(model.device());
    long predicted;
    try (NDManager owner = model.manager().newSubManager();
        var pass = new BackwardPass(model, precision, recomputeLayers, lossSlice)) {
      IdleUpdate update = new IdleUpdate(model, owner);
      for (int i = 0; i < warmUp + steps; i++) {
        if (!listener.onBytes(i * bytes, (warmUp + steps) * bytes)) {
          break;
        }
        Step step = step(i, pass, update);
        if (i >= warmUp) {
          taken.add(step);
        }
      }
      memory = Memory.peak(model.device());
      predicted = pass.predicted();
      if (inRow() > 1 && taken.size() == steps) {
        deviceSeconds =
            deviceSeconds(pass, update, owner, Measurement.of(taken, Step::total).median());
      }
    }
    return new TrainingThroughput(
        model.config().architecture(),
        batchSize,
        length,
        predicted,
        Measurement.of(taken, Step::total),
        new TrainingThroughput.Parts(
            Measurement.of(taken, Step::loading).median(),
            Measurement.of(taken, Step::issuing).median(),
            deviceSeconds),
        model.config().flops(length).training(),
        peak,
        memory);
  }

  /** What a step took: the batch, until all work was handed over, and until it was done. */
  private record Step(double loading, double issuing, double total) {}

  /** The steps that are taken in a row: long ones hide what Java does in between anyway. */
  private int inRow() {
    boolean quick = (long) batchSize * length <= QUICK_BYTES;
    return model.device().isGpu() && quick ? GPU_STEPS : 1;
  }

  /** On a GPU the mean of several steps in a row: it is waited for behind the last. */
  private Step step(int number, BackwardPass pass, IdleUpdate update) {
    int inRow = inRow();
    double loading = 0;
    double issuing = 0;
    long begin = System.nanoTime();
    for (int i = 0; ; i++) {
      long start = System.nanoTime();
      try (NDManager scratch = model.manager().newSubManager()) {
        NDArray ids = SequenceModel.ids(scratch, batches.apply(number * inRow + i));
        double loaded = since(start);
        NDArray done = issue(pass, scratch, ids, number, update);
        loading += loaded / inRow;
        issuing += (since(start) - loaded) / inRow;
        if (i == inRow - 1) {
          Tensors.floats(done); // a device is done only when its result is here
          return new Step(loading, issuing, since(begin) / inRow);
        }
      }
    }
  }

  private static NDArray issue(
      BackwardPass pass, NDManager scratch, NDArray ids, long number, IdleUpdate update) {
    pass.run(ids, 1, number).close();
    return update.issue(scratch);
  }

  /** The time that the device works on a step that Java handed over beforehand. */
  private double deviceSeconds(
      BackwardPass pass, IdleUpdate update, NDManager owner, double seconds) {
    List<Double> taken = new ArrayList<>();
    try (Backlog backlog = new Backlog(owner, seconds)) {
      for (int i = 0; i < DEVICE_STEPS; i++) {
        int number = i;
        try (NDManager scratch = model.manager().newSubManager()) {
          NDArray ids = SequenceModel.ids(scratch, batches.apply(number));
          taken.add(backlog.behind(() -> issue(pass, scratch, ids, number, update)));
        }
      }
    }
    return new Measurement(taken).median();
  }

  private static double since(long nanoTime) {
    return (System.nanoTime() - nanoTime) / 1e9;
  }

  /** Collects what a measurement needs. */
  public static final class Builder {
    private @Nullable SequenceModel model;
    private int batchSize;
    private int length;
    private int warmUp = 2;
    private int steps = 10;
    private @Nullable Peak peak;
    private @Nullable Split data;
    private Precision precision = Precision.FLOAT32;
    private int recomputeLayers;
    private int lossSlice;
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

    /** Sets where random windows come from, as in training; random bytes when not set. */
    public Builder optData(Split data) {
      this.data = data;
      return this;
    }

    /** Sets what the model computes in; float32 when not set. */
    public Builder optPrecision(Precision precision) {
      this.precision = precision;
      return this;
    }

    /** Sets the layers that are computed again together; all activations are kept when not set. */
    public Builder optRecomputeLayers(int recomputeLayers) {
      this.recomputeLayers = recomputeLayers;
      return this;
    }

    /** Sets the steps whose logits exist at a time; all when not set. */
    public Builder optLossSlice(int lossSlice) {
      this.lossSlice = lossSlice;
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
