package org.megalab.torchscript;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

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
 *
 * <p>While nothing is recorded, as where gradients are written out, copies have no graph, and the
 * first that is asked for brings those of all parameters that the store knows, in a few kernels.
 */
final class MixedPrecision extends ParameterStore {

  private final Collection<Parameter> known;
  private final Map<Parameter, NDArray> rounded = new HashMap<>();

  /** Copies with a graph: one made while nothing is recorded would cut the gradient. */
  private final Map<Parameter, NDArray> recorded = new HashMap<>();

  MixedPrecision(NDManager manager, Collection<Parameter> known) {
    super(manager, false);
    this.known = known;
  }

  @Override
  public NDArray getValue(Parameter parameter, Device device, boolean training) {
    NDArray exact = super.getValue(parameter, device, training);
    if (!rounds(parameter)) {
      return exact;
    }
    if (training && Autograd.isRecording()) {
      return recorded.computeIfAbsent(
          parameter, p -> owned(Tensors.bfloat16(requireFloat32(exact), true)));
    }
    if (!rounded.containsKey(parameter)) {
      round(parameter, device);
    }
    return Objects.requireNonNull(rounded.get(parameter));
  }

  /** Makes the copy of a parameter, and of the others that are known and have none yet. */
  private void round(Parameter asked, Device device) {
    Set<Parameter> all = new LinkedHashSet<>(known);
    all.add(asked);
    all.removeIf(parameter -> !rounds(parameter) || rounded.containsKey(parameter));
    NDList exact = new NDList();
    all.forEach(parameter -> exact.add(requireFloat32(super.getValue(parameter, device, false))));
    Iterator<NDArray> copies = Tensors.bfloat16(exact).iterator();
    all.forEach(parameter -> rounded.put(parameter, owned(copies.next())));
  }

  private NDArray owned(NDArray copy) {
    copy.attach(getManager());
    return copy;
  }

  private static NDArray requireFloat32(NDArray exact) {
    if (exact.getDataType() != DataType.FLOAT32) {
      throw new IllegalArgumentException(
          "bfloat16 is computed with copies of float32 parameters, got parameters of "
              + exact.getDataType()
              + "; take a ParameterStore for these");
    }
    return exact;
  }

  /** The types that layers give to the parameters of their matrices, embeddings and biases. */
  private static boolean rounds(Parameter parameter) {
    return parameter.getType() == Parameter.Type.WEIGHT
        || parameter.getType() == Parameter.Type.BIAS;
  }
}
