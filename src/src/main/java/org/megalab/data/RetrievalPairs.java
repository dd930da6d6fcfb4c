package org.megalab.data;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * Two documents of random words, and whether they are about the same topic: a stand-in for the
 * retrieval task of the Long Range Arena (Tay et al., 2021, section 3.3).
 *
 * <pre>
 * first 0x00 second   →   class 1 if both mention the same topic, else class 0      each in half of the cases
 * </pre>
 *
 * <p>Words have four letters, two syllables; a few are topics and the rest is common to all. A
 * document is common words, but for its topic at some random places. To encode both documents
 * apart, a classifier takes them as a pair.
 *
 * @param words the words of a document
 * @param mentions how many of them are its topic
 * @param topics how many topics there are
 */
public record RetrievalPairs(int words, int mentions, int topics) implements SyntheticTask {

  /** What stands between the documents. */
  public static final byte SEPARATOR = 0;

  private static final String CONSONANTS = "bdfgklmnprst";
  private static final String VOWELS = "aeiou";
  private static final int SYLLABLES = 60;
  private static final int COMMON = 1000;

  /**
   * Checks the settings.
   *
   * @throws IllegalArgumentException naming the one that is out of range
   */
  public RetrievalPairs {
    Ranges.check("retrieval-pairs", "words", words, 1, 1 << 20);
    Ranges.check("retrieval-pairs", "mentions", mentions, 1, words);
    Ranges.check("retrieval-pairs", "topics", topics, 2, SYLLABLES * SYLLABLES - COMMON);
  }

  /** Returns documents of 100 words, that is 499 bytes, with 4 mentions of one of 16 topics. */
  public static RetrievalPairs standard() {
    return new RetrievalPairs(100, 4, 16);
  }

  @Override
  public String name() {
    return "retrieval-pairs-" + words;
  }

  @Override
  public List<String> classes() {
    return List.of("different", "same");
  }

  @Override
  public Example example(SplitMix64 random) {
    boolean same = random.nextBoolean();
    int first = random.nextInt(topics);
    int second = same ? first : (first + 1 + random.nextInt(topics - 1)) % topics;
    ByteArrayOutputStream input = new ByteArrayOutputStream();
    input.writeBytes(document(first, random));
    input.write(SEPARATOR);
    input.writeBytes(document(second, random));
    return Example.labelled(input.toByteArray(), same ? 1 : 0, 2);
  }

  private byte[] document(int topic, SplitMix64 random) {
    byte[] mentioned = new byte[words];
    Arrays.fill(mentioned, 0, mentions, (byte) 1);
    random.shuffle(mentioned);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < words; i++) {
      text.append(i == 0 ? "" : " ");
      text.append(word(mentioned[i] == 1 ? COMMON + topic : random.nextInt(COMMON)));
    }
    return text.toString().getBytes(StandardCharsets.US_ASCII);
  }

  /** Word i of 3600; neighbours in number differ in sound. */
  private static String word(int i) {
    int scattered = i * 1597 % (SYLLABLES * SYLLABLES); // 1597 and 3600 have no common divisor
    return syllable(scattered / SYLLABLES) + syllable(scattered % SYLLABLES);
  }

  private static String syllable(int i) {
    return "" + CONSONANTS.charAt(i / 5) + VOWELS.charAt(i % 5);
  }
}
