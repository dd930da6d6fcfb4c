package org.megalab.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.megalab.torchscript.Autograd;
import org.megalab.torchscript.Precision;
import org.megalab.torchscript.Tensors;

/**
 * Forward and backward of a model in training: adds the gradients of a mean cost to those of the
 * parameters.
 *
 * <p>On a GPU the kernels of a batch of bytes are recorded when it has come three times, and from
 * then on launched at once, for which Java needs a few milliseconds instead of tens. That is so for
 * batches of up to 2^18 bytes that all have one shape, with Llama, the plain Transformer, MEGABYTE,
 * MEGALODON and S4D without dropout. A recording keeps the memory of its activations, and reads the
 * parameters where they were: arrays are written in place, not exchanged. While one thread records,
 * another must draw no random numbers on the GPU: libtorch refuses.
 */
public final class BackwardPass implements AutoCloseable {

  /** The symbols of a batch at most: larger ones keep a GPU busy for longer than Java needs. */
  private static final long MOST_RECORDED = 1L << 18;

  private final TrainableModel model;
  private final Collection<Parameter> parameters;
  private final Precision precision;
  private final int recomputeLayers;
  private final int lossSlice;
  private final boolean uniform;
  private final NDManager manager;
  private final Recordings recordings;
  private @Nullable Batch recorded;
  private boolean severalShapes;
  private long predicted;

  /** The bytes of a recorded pass, and where it leaves their mean cost. */
  private static final class Batch {
    final Object kind;
    final NDArray ids; // (B, T) int64
    @Nullable NDArray cost;

    Batch(Object kind, NDManager manager, Shape shape) {
      this.kind = kind;
      ids = manager.zeros(shape, DataType.INT64);
    }
  }

  /**
   * Prepares the passes of one training.
   *
   * @param model initialised
   * @param precision what it computes in
   * @param recomputeLayers the layers whose activations are computed again together; 0 keeps all
   * @param lossSlice the steps whose logits exist at a time; 0 for all
   */
  public BackwardPass(
      TrainableModel model, Precision precision, int recomputeLayers, int lossSlice) {
    this.model = model;
    this.precision = precision;
    this.recomputeLayers = recomputeLayers;
    this.lossSlice = lossSlice;
    parameters = model.namedParameters().values();
    uniform = model.hasUniformTraining();
    manager = model.manager().newSubManager();
    manager.setName("backward");
    recordings =
        new Recordings(
            "the kernels of training",
            manager,
            new HashMap<>(),
            () -> Tensors.releaseUnused(model.device()));
  }

  /**
   * Runs a pass over bytes.
   *
   * @param ids (B, T) int64, borrowed
   * @param share how much of the mean loss of all bytes the gradients are of
   * @param seed decides what is drawn
   * @return the mean loss in nats, which a GPU may still be working on; belongs to the model's
   *     manager
   * @throws org.megalab.torchscript.DeviceMemoryException if memory is short; some gradients are
   *     added then, others not
   */
  public NDArray run(NDArray ids, double share, long seed) {
    Batch batch = toRecord(ids, share);
    if (batch == null) {
      return run(store -> meanLoss(store, ids), share, seed);
    }
    Tensors.assign(batch.ids, ids);
    recordings.take(
        batch.kind,
        () -> {
          NDArray cost = run(store -> meanLoss(store, batch.ids), share, seed);
          if (batch.cost == null) {
            cost.attach(manager);
            batch.cost = cost;
          } else {
            Tensors.assign(batch.cost, cost);
            cost.close();
          }
        });
    NDArray cost = Objects.requireNonNull(batch.cost).duplicate();
    cost.attach(model.manager());
    return cost;
  }

  /** Returns what a pass over a batch is recorded with; null where it is not. */
  private @Nullable Batch toRecord(NDArray ids, double share) {
    if (!uniform || severalShapes || !recordings.records() || ids.size() > MOST_RECORDED) {
      return null;
    }
    List<Object> kind = List.of(ids.getShape(), share);
    if (recorded == null) {
      recorded = new Batch(kind, manager, ids.getShape());
    } else if (!recorded.kind.equals(kind)) {
      severalShapes = true; // a recording of each would keep the memory of each
      release();
    }
    return severalShapes ? null : recorded;
  }

  private NDArray meanLoss(ParameterStore store, NDArray ids) {
    NDArray own = ids.reshape(ids.getShape()); // what is computed belongs to its manager
    own.attach(store.getManager());
    NDArray losses = ((SequenceModel) model).perByteLoss(store, own, true);
    predicted = losses.size();
    return losses.mean();
  }

  /** Returns how many of the bytes have a loss, as the last pass that was not recorded found. */
  public long predicted() {
    return predicted;
  }

  /**
   * Runs a pass over anything.
   *
   * @param cost computes the mean cost from the parameters
   * @return as {@link #run(NDArray, double, long)}
   */
  public NDArray run(Function<ParameterStore, NDArray> cost, double share, long seed) {
    var memory = new Autograd.Options(seed, recomputeLayers, lossSlice);
    try (NDManager scratch = model.manager().newSubManager();
        Autograd autograd = new Autograd(memory)) {
      scratch.setName("training step");
      NDArray scalar = cost.apply(precision.store(scratch, parameters));
      autograd.backward(share == 1 ? scalar : Tensors.scaled(scalar, share));
      NDArray value = scalar.stopGradient();
      value.attach(model.manager());
      return value;
    }
  }

  /** Returns how many kinds of batches are recorded. */
  int recorded() {
    return recordings.recorded();
  }

  /**
   * Frees the memory of a recording, for other work; it is made anew when its batch comes again.
   *
   * @return whether there was one
   */
  public boolean release() {
    boolean any = recordings.recorded() > 0;
    recordings.close();
    if (any) {
      Tensors.releaseUnused(model.device());
    }
    return any;
  }

  /** Frees everything. */
  @Override
  public void close() {
    recordings.close();
    manager.close();
  }
}
