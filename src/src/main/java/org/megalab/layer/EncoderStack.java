package org.megalab.layer;

import ai.djl.ndarray.NDArray;
import ai.djl.training.ParameterStore;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Encoders one after the other: every step of the result may have seen every step of the input.
 * Input and output are (B, T, D). Activations are computed again as in a {@link LayerStack}.
 */
public final class EncoderStack extends SequenceLayer implements Encoder {

  private final List<Encoder> layers = new ArrayList<>();

  /**
   * Appends a layer; the paths of its parameters begin with the name.
   *
   * @throws IllegalArgumentException if the layer cannot encode
   */
  public EncoderStack add(String name, SequenceLayer layer) {
    if (!(layer instanceof Encoder encoder)) {
      throw new IllegalArgumentException(
          layer.getClass().getSimpleName() + " is causal only; an encoder's layers see both sides");
    }
    layers.add(encoder);
    addChildBlock(name, layer);
    return this;
  }

  @Override
  public NDArray forward(ParameterStore store, NDArray x, boolean training) {
    return encode(store, x, null, training);
  }

  @Override
  public NDArray encode(
      ParameterStore store, NDArray x, @Nullable NDArray padding, boolean training) {
    return Segments.run(
        layers, x, null, training, (layer, h, state) -> layer.encode(store, h, padding, training));
  }
}
