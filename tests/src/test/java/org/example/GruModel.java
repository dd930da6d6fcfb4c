package org.example;

import ai.djl.training.initializer.NormalInitializer;
import org.megalab.layer.FeedForward;
import org.megalab.layer.LayerStack;
import org.megalab.layer.Linear;
import org.megalab.layer.NormWeight;
import org.megalab.layer.PreNormLayer;
import org.megalab.layer.RmsNorm;
import org.megalab.model.LanguageModel;

/** Gated recurrent units where a Transformer has attention. */
final class GruModel extends LanguageModel {

  private final GruConfig config;

  GruModel(GruConfig config) {
    super(
        new Vocabulary(
            config.vocabularySize(), -1, config.modelDim(), 1, false, 0, new NormalInitializer(1)),
        stack(config));
    this.config = config;
  }

  private static LayerStack stack(GruConfig config) {
    int dim = config.modelDim();
    LayerStack stack = new LayerStack();
    for (int i = 0; i < config.layers(); i++) {
      stack.add(
          "layers." + i,
          new PreNormLayer(
              norm(dim),
              new GatedRecurrentUnit(dim),
              norm(dim),
              new FeedForward(
                  dim,
                  2 * dim,
                  FeedForward.Activation.GELU,
                  true,
                  0,
                  0,
                  Linear.uniform(dim),
                  Linear.uniform(2L * dim))));
    }
    stack.add("norm", norm(dim));
    return stack;
  }

  private static RmsNorm norm(int dim) {
    return new RmsNorm(dim, NormWeight.PLAIN, 1e-5);
  }

  @Override
  public GruConfig config() {
    return config;
  }

  @Override
  protected long longest() {
    return Long.MAX_VALUE;
  }

  @Override
  protected boolean boundedState() {
    return true;
  }
}
