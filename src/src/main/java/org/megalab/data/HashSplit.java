package org.megalab.data;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The split of documents that come in none, by a hash of their names.
 *
 * <pre>
 * h = first four bytes of SHA-256(name in UTF-8), big-endian, modulo 100
 * train if h &lt; train, validation if h &lt; train + validation, else test
 * </pre>
 *
 * <p>A document stays where it is when others come and go.
 *
 * @param train percentage of the documents to learn from
 * @param validation percentage of the documents to choose by; the rest is for the test
 */
public record HashSplit(int train, int validation) {

  /** 90 % to learn from, 5 % to choose by, 5 % to report. */
  public static final HashSplit DEFAULT = new HashSplit(90, 5);

  /**
   * Checks the percentages.
   *
   * @throws IllegalArgumentException if one is negative, or they are more than 100 together
   */
  public HashSplit {
    if (train < 1 || validation < 0 || train + validation > 100) {
      throw new IllegalArgumentException(
          "%d %% to learn from and %d %% to choose by; the first must be at least 1, the second at least 0, and both at most 100 together"
              .formatted(train, validation));
    }
  }

  /** The part of a document: train, validation or test. */
  public String part(String name) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(name.getBytes(UTF_8));
      int h = Integer.remainderUnsigned(ByteBuffer.wrap(hash).getInt(), 100);
      return h < train ? "train" : h < train + validation ? "validation" : "test";
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
