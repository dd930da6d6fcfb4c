package org.megalab.layer;

import ai.djl.training.initializer.Initializer;
import ai.djl.training.initializer.UniformInitializer;

/** The usual initialisation of linear layers. */
public final class Linear {

  private Linear() {}

  /** Returns U(−1/√fanIn, 1/√fanIn), for weights and biases of a layer with that many inputs. */
  public static Initializer uniform(long fanIn) {
    return new UniformInitializer((float) (1 / Math.sqrt((double) fanIn)));
  }
}
