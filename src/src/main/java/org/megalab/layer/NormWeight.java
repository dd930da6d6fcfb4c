package org.megalab.layer;

import ai.djl.training.initializer.Initializer;

/** How a norm stores its weight w. */
public enum NormWeight {
  /** w itself, 1 at first. */
  PLAIN,
  /** w − 1, 0 at first, so that weight decay pulls w to 1. */
  PLUS_ONE,
  /** There is none: the norm has no parameters. */
  NONE;

  /** Returns what is added to the stored weight. */
  double offset() {
    return this == PLUS_ONE ? 1 : 0;
  }

  /** Adds {@code weight}, and {@code bias} where there is one, to a norm of D features. */
  void addTo(Layer norm, int modelDim, boolean bias) {
    if (this != NONE) {
      norm.preciseParameter(
          "weight", this == PLAIN ? Initializer.ONES : Initializer.ZEROS, modelDim);
      if (bias) {
        norm.preciseParameter("bias", Initializer.ZEROS, modelDim);
      }
    }
  }
}
