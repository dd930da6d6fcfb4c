package org.megalab.model;

/**
 * The floating-point operations of one byte's forward pass, by what they are spent on. A
 * multiplication and an addition are two operations; element-wise work (norms, activations,
 * residuals, softmax) is not counted.
 *
 * <pre>
 * weights     2 · the weights that a byte is multiplied with            24 L D² for a Transformer
 * attention   2 L K D                                                   K keys, D width
 * recurrence  moving averages and state spaces, step by step
 * output      2 D V                                                     V vocabulary
 * </pre>
 *
 * <p>That is the estimate of scaling laws (Kaplan et al. 2020, section 2.1) which MEGABYTE's figure
 * of cost against size uses (Yu et al. 2023, section 3.1): of attention's two products over all K
 * keys it counts one, which is also what both cost over the half of the keys that a causal mask
 * leaves on average. {@link #fullAttention()} counts both over all keys, as programs that mask what
 * they computed do.
 *
 * <p>Weights that a model applies once a patch count a P-th a byte. The common mistake is to take 2
 * · parameters for a MEGABYTE: most of its parameters work once in P bytes.
 *
 * @param weights multiplications with weight matrices, the output aside
 * @param attention scores and weighted sums
 * @param recurrence moving averages and state spaces
 * @param output the product that gives the logits
 */
public record Flops(double weights, double attention, double recurrence, double output) {

  /** Nothing. */
  public static final Flops NONE = new Flops(0, 0, 0, 0);

  /** The operations of one mode of a real moving average a step: h ← q h + p x, y ← y + g h. */
  private static final double REAL_MODE = 5;

  /** The same with complex q, h and g and real p, of which the real part is summed. */
  private static final double COMPLEX_MODE = 12;

  /** The same with complex p. */
  private static final double STATE_SPACE_MODE = 14;

  /** A byte multiplied with that many weights: 2 operations each. */
  public static Flops weights(double count) {
    return new Flops(2 * count, 0, 0, 0);
  }

  /**
   * Attention of one query over keys, all heads together: K (d_k + d_v), so 2 K D where both are D.
   *
   * @param keys K
   * @param keyDim d_k, the width of queries and keys of all heads
   * @param valueDim d_v, the width of values of all heads
   */
  public static Flops attention(double keys, double keyDim, double valueDim) {
    return new Flops(0, keys * (keyDim + valueDim), 0, 0);
  }

  /** Attention whose cost does not grow with the context: 9 D (Yu et al. 2023, section 3.1). */
  public static Flops linearAttention(double modelDim) {
    return new Flops(0, 9 * modelDim, 0, 0);
  }

  /** A moving average with real modes: 5 N D. */
  public static Flops realAverage(double modes, double modelDim) {
    return new Flops(0, 0, REAL_MODE * modes * modelDim, 0);
  }

  /**
   * A moving average with complex modes, as a recurrence: 12 N D. By FFT it costs about as much.
   */
  public static Flops complexAverage(double modes, double modelDim) {
    return new Flops(0, 0, COMPLEX_MODE * modes * modelDim, 0);
  }

  /** A diagonal state space, as a recurrence: 14 a stored mode. */
  public static Flops stateSpace(double modes, double modelDim) {
    return new Flops(0, 0, STATE_SPACE_MODE * modes * modelDim, 0);
  }

  /** The logits: 2 D V. */
  public static Flops output(double modelDim, double vocabularySize) {
    return new Flops(0, 0, 0, 2 * modelDim * vocabularySize);
  }

  /** L layers of a Transformer on one step: 2 L (4 D² + 2 D F) and 2 L K D. */
  public static Flops transformer(TransformerSize size, double keys) {
    double dim = size.modelDim();
    return weights(4 * dim * dim + 2 * dim * size.feedForwardDim())
        .plus(attention(keys, dim, dim))
        .times(size.layers());
  }

  /** The sum. */
  public Flops plus(Flops other) {
    return new Flops(
        weights + other.weights,
        attention + other.attention,
        recurrence + other.recurrence,
        output + other.output);
  }

  /** The same so many times. */
  public Flops times(double factor) {
    return new Flops(factor * weights, factor * attention, factor * recurrence, factor * output);
  }

  /** The same with both products of attention over all keys, masked or not. */
  public Flops fullAttention() {
    return new Flops(weights, 2 * attention, recurrence, output);
  }

  /** Returns the operations of a forward pass. */
  public double total() {
    return weights + attention + recurrence + output;
  }

  /**
   * Returns the operations of a forward and a backward pass, 3 · total: the backward pass has two
   * products for each one of the forward pass. Recomputed activations are not counted.
   */
  public double training() {
    return 3 * total();
  }
}
