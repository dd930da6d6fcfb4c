package org.megalab.model;

import ai.djl.training.initializer.NormalInitializer;
import org.megalab.layer.TransformerXlLayer;
import org.megalab.layer.TransformerXlStack;

/**
 * Transformer-XL (Dai et al. 2019): attention by relative positions, in segments that see the
 * hidden states of the steps before them.
 *
 * <pre>
 * h      = dropout(√D · E[i])                      i = start, x_0, …, x_T-2
 * logits = W_out · dropout(layers(h))              W_out is E, where tied
 * </pre>
 *
 * A sequence is cut in segments of Q steps; each layer sees, beside the steps of the segment so
 * far, its own M last inputs before the segment, into which no gradient flows ({@link
 * org.megalab.layer.RelativeAttention}). Any length goes, and the state of a stream is bounded.
 *
 * <p>B batch, T length, D model dimension, V vocabulary. Differences to the reference: the output
 * has no bias and the softmax is not adaptive; every layer draws its own dropout of the position
 * vectors.
 *
 * <p>The common mistake is to compare perplexities without saying how long the memory was: it
 * improves them without any training.
 */
public final class TransformerXl extends LanguageModel {

  private final TransformerXlConfig config;

  /** Creates the model, without memory for its parameters yet. */
  public TransformerXl(TransformerXlConfig config) {
    super(
        new Vocabulary(
            config.vocabularySize(),
            config.startId(),
            config.modelDim(),
            Math.sqrt(config.modelDim()),
            config.tiedOutput(),
            config.dropout(),
            new NormalInitializer((float) config.initStd())),
        new TransformerXlStack(
            config.layers(),
            new TransformerXlLayer.Options(
                config.modelDim(),
                config.heads(),
                config.headDim(),
                config.feedForwardDim(),
                config.segments(),
                config.preNorm(),
                config.dropout(),
                config.attentionDropout(),
                config.initStd())));
    this.config = config;
  }

  @Override
  public TransformerXlConfig config() {
    return config;
  }

  @Override
  protected long longest() {
    return Integer.MAX_VALUE;
  }

  @Override
  protected boolean boundedState() {
    return true;
  }

  @Override
  protected long period() {
    return config.segmentLength();
  }
}
