package org.megalab.evaluate;

import java.util.List;
import org.megalab.data.file.Document;

/**
 * How many words a text has: what the nats of its bytes are divided by for a word-level perplexity.
 *
 * <p>The constants are the published numbers of tokens by which papers compare, for whole splits
 * only. PG-19: the table of the data set (Rae et al. 2020; github.com/deepmind/pg19). WikiText-103:
 * Merity et al. 2016, table 1; they hold one end-of-line token a line besides the words between
 * white space. The common mistake is to count the tokens of the model's own vocabulary.
 */
public enum WordCount {
  /** PG-19, train. */
  PG19_TRAIN(1_973_136_207),
  /** PG-19, validation. */
  PG19_VALIDATION(3_007_061),
  /** PG-19, test. */
  PG19_TEST(6_966_499),
  /** WikiText-103, train. */
  WIKITEXT103_TRAIN(103_227_021),
  /** WikiText-103, validation. */
  WIKITEXT103_VALIDATION(217_646),
  /** WikiText-103, test. */
  WIKITEXT103_TEST(245_569);

  private static final int CHUNK = 1 << 16;

  private final long words;

  WordCount(long words) {
    this.words = words;
  }

  /** Returns the published number. */
  public long words() {
    return words;
  }

  /** Counts the words of documents, as {@link #of(Document)} does. */
  public static long of(List<Document> documents) {
    return documents.stream().mapToLong(WordCount::of).sum();
  }

  /**
   * Counts the words of a document: runs of bytes that are none of space, tab, line feed, vertical
   * tab, form feed and carriage return. It is read a piece at a time.
   */
  public static long of(Document document) {
    byte[] chunk = new byte[CHUNK];
    long words = 0;
    boolean inside = false;
    for (long at = 0; at < document.length(); at += CHUNK) {
      int n = (int) Math.min(CHUNK, document.length() - at);
      document.read(at, chunk, 0, n);
      for (int i = 0; i < n; i++) {
        boolean white = chunk[i] == ' ' || chunk[i] >= '\t' && chunk[i] <= '\r';
        words += white || inside ? 0 : 1;
        inside = !white;
      }
    }
    return words;
  }
}
