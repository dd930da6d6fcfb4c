package org.megalab.layer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import org.jspecify.annotations.Nullable;
import org.megalab.torchscript.Autograd;
import org.megalab.torchscript.Script;

/**
 * Batch normalisation (Ioffe and Szegedy 2015) of each feature over all steps of all sequences:
 *
 * <pre>
 * y = (x − mean) / √(var + ε) · w + b
 * training:    mean and (population) var of the batch; the running ones move to them by 0.1,
 *              the running var to the unbiased one
 * otherwise:   the running mean and var
 * </pre>
 *
 * In training every step sees every other through the statistics: not for language models. The
 * common mistake is to trust running statistics of few short sequences. With {@link
 * NormWeight#PLUS_ONE} the stored weight is w − 1, with {@link NormWeight#NONE} there is neither w
 * nor b. Statistics are in float32 at least. Input and output are (B, T, D).
 */
public final class BatchNorm extends StreamingLayer implements Encoder {

  private static final Script SCRIPT = Script.resource(BatchNorm.class, "batch_norm");
  private static final double MOMENTUM = 0.1;

  private final NormWeight weight;
  private final double epsilon;
  private final Parameter mean;
  private final Parameter variance;

  /**
   * Creates the layer.
   *
   * @param modelDim D
   * @param weight how the weight is stored
   * @param epsilon ε
   */
  public BatchNorm(int modelDim, NormWeight weight, double epsilon) {
    this.weight = weight;
    this.epsilon = epsilon;
    mean = statistic("runningMean", Parameter.Type.RUNNING_MEAN, Initializer.ZEROS, modelDim);
    variance = statistic("runningVariance", Parameter.Type.RUNNING_VAR, Initializer.ONES, modelDim);
    weight.addTo(this, modelDim, true);
  }

  @Override
  public boolean hasUniformSteps() {
    return true;
  }

  @Override
  public NDArray forward(
      ParameterStore store, NDArray x, @Nullable LayerState state, boolean training) {
    NDList p = values(store, x, training);
    return SCRIPT.call(
        "forward",
        training,
        x,
        p.subNDList(2),
        value(store, mean, x, training),
        value(store, variance, x, training),
        weight.offset(),
        training,
        Autograd.isReplaying() ? 0.0 : MOMENTUM, // the first run has moved the running ones
        epsilon);
  }

  /** {@inheritDoc} Steps of padding count in the statistics, as in the usual implementations. */
  @Override
  public NDArray encode(
      ParameterStore store, NDArray x, @Nullable NDArray padding, boolean training) {
    return forward(store, x, null, training);
  }
}
