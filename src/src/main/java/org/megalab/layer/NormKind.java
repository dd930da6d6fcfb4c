package org.megalab.layer;

/** The norms that a residual arrangement can take. */
public enum NormKind {
  /** {@link LayerNorm}. */
  LAYER,
  /** {@link RmsNorm}. */
  RMS,
  /** {@link ScaleNorm}. */
  SCALE,
  /** {@link BatchNorm}, which is not causal in training: for classification only. */
  BATCH;

  /**
   * Creates the norm.
   *
   * @param modelDim D
   * @param weight how its weight is stored
   * @param epsilon ε
   */
  public StreamingLayer create(int modelDim, NormWeight weight, double epsilon) {
    return switch (this) {
      case LAYER -> new LayerNorm(modelDim, weight, epsilon);
      case RMS -> new RmsNorm(modelDim, weight, epsilon);
      case SCALE -> new ScaleNorm(weight, epsilon);
      case BATCH -> new BatchNorm(modelDim, weight, epsilon);
    };
  }
}
