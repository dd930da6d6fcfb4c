package org.megalab.evaluate;

/**
 * The units of cost, each from the others. MEGABYTE reports bits per byte, word-level papers the
 * perplexity of words, training a mean of nats (Yu et al. 2023, section 5; Rae et al. 2020, section
 * 4).
 *
 * <pre>
 * bits per byte = nats per byte / ln 2
 * PPL of bytes  = 2^(bits per byte)
 * PPL of words  = exp(Σ nats over all bytes / words) = 2^(bits per byte · bytes / words)
 * </pre>
 *
 * <p>The common mistake is to take the exponential of a mean over words of the model's own text, or
 * the mean of the documents' perplexities: the sum runs over all bytes, spaces included, and the
 * number of words is that of the published count, so that models of bytes and of tokens compare.
 */
public final class Perplexity {

  private static final double LN2 = Math.log(2);

  private Perplexity() {}

  /** Returns bits per byte of nats per byte. */
  public static double bitsPerByte(double natsPerByte) {
    return natsPerByte / LN2;
  }

  /** Returns nats per byte of bits per byte. */
  public static double natsPerByte(double bitsPerByte) {
    return bitsPerByte * LN2;
  }

  /** Returns the perplexity of bytes of bits per byte. */
  public static double ofBytes(double bitsPerByte) {
    return Math.exp(natsPerByte(bitsPerByte));
  }

  /** Returns the perplexity of words of bits per byte in a text with so many bytes a word. */
  public static double ofWords(double bitsPerByte, double bytesPerWord) {
    return Math.exp(natsPerByte(bitsPerByte) * bytesPerWord);
  }

  /** Returns bits per byte of the perplexity of words in a text with so many bytes a word. */
  public static double bitsPerByteOfWords(double wordPerplexity, double bytesPerWord) {
    return bitsPerByte(Math.log(wordPerplexity) / bytesPerWord);
  }
}
