package org.megalab.model;

import ai.djl.training.initializer.Initializer;
import ai.djl.training.initializer.TruncatedNormalInitializer;
import org.megalab.layer.LayerStack;
import org.megalab.layer.LearnedPositions;
import org.megalab.layer.Transformer;
import org.megalab.model.MegabyteConfig.Position;

/**
 * The plain decoder-only Transformer over bytes that MEGABYTE is compared with (Yu et al. 2023,
 * section 5): the block of MEGABYTE's own Transformers, one step a byte.
 *
 * <pre>
 * h_t    = E[i_t] + P_t                            i = start, x_0, …, x_T-2
 * logits = E · LN(layers(h))                       pre-norm layers with biases and ReLU
 * </pre>
 *
 * B batch, T length, D model dimension, V vocabulary. With learned positions a sequence is at most
 * the context long; cut longer ones into windows.
 */
public final class ByteTransformer extends LanguageModel {

  private final ByteTransformerConfig config;

  /** Creates the model, without memory for its parameters yet. */
  public ByteTransformer(ByteTransformerConfig config) {
    super(
        new Vocabulary(
            config.vocabularySize(),
            config.startId(),
            config.modelDim(),
            1,
            config.tiedOutput(),
            0,
            weights(config)),
        stack(config));
    this.config = config;
  }

  private static Initializer weights(ByteTransformerConfig config) {
    return new TruncatedNormalInitializer((float) config.initStd());
  }

  private static LayerStack stack(ByteTransformerConfig config) {
    Transformer transformer =
        new Transformer(
            config.layers(),
            config.modelDim(),
            config.heads(),
            config.feedForwardDim(),
            config.position() == Position.ROTARY,
            config.dropout(),
            weights(config));
    if (config.position() != Position.LEARNED) {
      return transformer;
    }
    LayerStack stack = new LayerStack();
    stack.add(
        "positions",
        new LearnedPositions(config.contextLength(), config.modelDim(), weights(config)));
    stack.add("transformer", transformer);
    return stack;
  }

  @Override
  public ByteTransformerConfig config() {
    return config;
  }

  @Override
  protected long longest() {
    return config.position() == Position.LEARNED ? config.contextLength() : Integer.MAX_VALUE;
  }

  @Override
  boolean hasUniformTraining() {
    return !config().dropsOut();
  }

  @Override
  protected boolean boundedState() {
    return false;
  }
}
