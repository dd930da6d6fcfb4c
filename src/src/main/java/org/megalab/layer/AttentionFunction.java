package org.megalab.layer;

/** How attention scores s become weights in MEGA. */
public enum AttentionFunction {
  /** softmax(q·k/√Z + bias). */
  SOFTMAX(0),
  /**
   * ½ (1 + erf((s − μ)/(σ√2))), s = q·k/n + bias, with μ = √½ and σ = √(1/4π); n is the number of
   * keys that the query may see.
   */
  LAPLACE(1),
  /** max(s, 0)², s = q·k/n + bias. */
  RELU_SQUARED(2);

  /** How the scripts know it. */
  final int code;

  AttentionFunction(int code) {
    this.code = code;
  }
}
