package org.megalab.torchscript;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import java.util.HashMap;
import java.util.Map;

/**
 * The parameters of one step, rounded to bfloat16 where that is allowed.
 *
 * <p>A matrix, an embedding or a bias is given as a bfloat16 copy through which the gradient flows
 * to the float32 parameter; what norms, recurrences and statistics compute with is given as it is.
 * The layers round their activations to the type of their matrices, so that this decides alone.
 *
 * <p>The copies belong to the store's manager and end with it. They are made once a store, so that
 * a store that outlives an update computes with old values: the common mistake. Where one copy is
 * used several times (tied embeddings), the gradients of its uses are summed in bfloat16. Not for
 * several threads.
 */
final class MixedPrecision extends ParameterStore {

  private final Map<Key, NDArray> rounded = new HashMap<>();

  /** A copy made while nothing is recorded would cut the gradient of one that is. */
  private record Key(Parameter parameter, boolean training, boolean recorded) {}

  MixedPrecision(NDManager manager) {
    super(manager, false);
  }

  @Override
  public NDArray getValue(Parameter parameter, Device device, boolean training) {
    NDArray exact = super.getValue(parameter, device, training);
    if (!rounds(parameter)) {
      return exact;
    }
    Key key = new Key(parameter, training, training && Autograd.isRecording());
    return rounded.computeIfAbsent(key, k -> round(exact, training));
  }

  private NDArray round(NDArray exact, boolean training) {
    if (exact.getDataType() != DataType.FLOAT32) {
      throw new IllegalArgumentException(
          "bfloat16 is computed with copies of float32 parameters, got parameters of "
              + exact.getDataType()
              + "; take a ParameterStore for these");
    }
    NDArray copy = Tensors.bfloat16(exact, training);
    copy.attach(getManager());
    return copy;
  }

  /** The types that layers give to the parameters of their matrices, embeddings and biases. */
  private static boolean rounds(Parameter parameter) {
    return parameter.getType() == Parameter.Type.WEIGHT
        || parameter.getType() == Parameter.Type.BIAS;
  }
}
