package org.megalab.evaluate;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import org.megalab.model.SequenceModel;
import org.megalab.torchscript.Script;
import org.megalab.torchscript.Tensors;

/**
 * The update of AdamW with a learning rate of 0: all of its work, of which the parameters stay as
 * they are. It holds what an update keeps for each of them.
 */
final class IdleUpdate {
  private static final Script SCRIPT = Script.resource(IdleUpdate.class, "throughput");

  private final NDList parameters = new NDList();
  private final NDList means = new NDList();
  private final NDList squares = new NDList();
  private final NDList steps = new NDList();

  IdleUpdate(SequenceModel model, NDManager owner) {
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

  /** Hands an update over; its result is there when the device is through with it. */
  NDArray issue(NDManager scratch) {
    return SCRIPT.call("update", false, parameters, gradients(scratch), means, squares, steps);
  }
}
