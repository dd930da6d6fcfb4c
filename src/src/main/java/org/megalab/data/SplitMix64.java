package org.megalab.data;

/**
 * Random numbers that are the same on every JDK and for ever, since their algorithm is written
 * here: SplitMix64 (Steele, Lea and Flood, 2014).
 *
 * <pre>
 * s ← s + γ,  output mix(s)                                        γ = 0x9E3779B97F4A7C15, modulo 2⁶⁴
 * mix(z): z ^= z &gt;&gt;&gt; 30; z *= 0xBF58476D1CE4E5B9; z ^= z &gt;&gt;&gt; 27; z *= 0x94D049BB133111EB; z ^= z &gt;&gt;&gt; 31
 * key(seed, p₁, …, p_n) = h_n,   h₀ = mix(seed + γ),   h_i = mix(h_i-1 + γ · (p_i + 1))
 * </pre>
 *
 * <p>The common mistake is one stream for many examples: which example comes out then depends on
 * how many were made before. A stream {@link #at} a place, such as (seed, split, index), does not.
 */
public final class SplitMix64 {

  private static final long GAMMA = 0x9E3779B97F4A7C15L;

  private long state;

  /** Starts a stream; the first output is mix(seed + γ). */
  public SplitMix64(long seed) {
    state = seed;
  }

  /** Starts the stream of a place: {@code new SplitMix64(key(seed, place))}. */
  public static SplitMix64 at(long seed, long... place) {
    return new SplitMix64(key(seed, place));
  }

  /** Returns the number of a place, see the formula above. */
  public static long key(long seed, long... place) {
    long h = mix(seed + GAMMA);
    for (long p : place) {
      h = mix(h + GAMMA * (p + 1));
    }
    return h;
  }

  /** Returns the next 64 bits. */
  public long nextLong() {
    state += GAMMA;
    return mix(state);
  }

  /**
   * Returns a number from 0 to bound − 1: the upper 32 bits of the next 64, times the bound, over
   * 2³². Each is equally likely up to bound / 2³².
   *
   * @throws IllegalArgumentException if the bound is not positive
   */
  public int nextInt(int bound) {
    if (bound < 1) {
      throw new IllegalArgumentException("the bound is " + bound + "; it must be at least 1");
    }
    return (int) ((nextLong() >>> 32) * bound >>> 32);
  }

  /** Returns a number from 0 to below 1: the upper 53 bits of the next 64, over 2⁵³. */
  public double nextDouble() {
    return (nextLong() >>> 11) * 0x1p-53;
  }

  /** Returns true in half of all cases. */
  public boolean nextBoolean() {
    return nextLong() < 0;
  }

  /** Puts an array into random order (Fisher and Yates). */
  void shuffle(byte[] array) {
    for (int i = array.length - 1; i > 0; i--) {
      int j = nextInt(i + 1);
      byte moved = array[i];
      array[i] = array[j];
      array[j] = moved;
    }
  }

  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
