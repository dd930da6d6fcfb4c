package org.megalab.data;

/**
 * Random numbers without a state: one for every seed, step and row, the same on every platform.
 *
 * <pre>
 * of(seed, s, r) = mix(mix(mix(seed + γ) + γ·(s + 1)) + γ·(r + 1))      γ = 0x9E3779B97F4A7C15, modulo 2⁶⁴
 * mix(z): z ^= z &gt;&gt;&gt; 30; z *= 0xBF58476D1CE4E5B9; z ^= z &gt;&gt;&gt; 27; z *= 0x94D049BB133111EB; z ^= z &gt;&gt;&gt; 31
 * </pre>
 *
 * mix is the output function of SplitMix64 (Steele, Lea and Flood 2014).
 */
final class Mix {
  private static final long GAMMA = 0x9E3779B97F4A7C15L;

  private Mix() {}

  static long of(long seed, long step, long row) {
    return mix(mix(mix(seed + GAMMA) + GAMMA * (step + 1)) + GAMMA * (row + 1));
  }

  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
