package org.megalab.layer;

/** What MEGA adds to attention scores for the distance between query i and key j. */
public enum RelativeBias {
  /** A learned number for each j − i, up to M positions apart. */
  SIMPLE,
  /**
   * ⟨R_i a, R_j b⟩ of two learned vectors, R_i turning channels l and l + Z/2 by i · 10000^(−2l/Z):
   * a bias, and no rotation of queries and keys.
   */
  ROTARY
}
