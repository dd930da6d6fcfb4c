package org.megalab.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.math.BigInteger;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.megalab.data.file.Document;

class RandomWindowsTest {
  private static final Split SPLIT = split(40, 25, 100);

  /** Documents whose byte i says document and position: 100·d + i, modulo 256. */
  private static Split split(int... lengths) {
    Document[] documents = new Document[lengths.length];
    int value = 0;
    for (int d = 0; d < lengths.length; d++) {
      byte[] bytes = new byte[lengths[d]];
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = (byte) value++;
      }
      documents[d] = Document.of("document " + d, bytes);
    }
    return new Split("train", List.of(documents));
  }

  @Test
  void sameSeedAndStepGiveTheSameBatchInAnyOrder() {
    RandomWindows forward = new RandomWindows(SPLIT, 7, 5, 42);
    RandomWindows again = new RandomWindows(SPLIT, 7, 5, 42);
    byte[][][] seen = new byte[20][][];
    for (int step = 0; step < 20; step++) {
      seen[step] = forward.batch(step);
    }
    for (int step = 19; step >= 0; step--) {
      assertThat(again.batch(step)).isDeepEqualTo(seen[step]);
    }
    assertThat(new RandomWindows(SPLIT, 7, 5, 43).batch(0)).isNotEqualTo(seen[0]);
    assertThat(seen[0].length).isEqualTo(5);
  }

  /** The documented formula in exact integers. */
  @Test
  void startsFollowTheFormula() {
    RandomWindows windows = new RandomWindows(split(200), 1, 4, -3);
    BigInteger two64 = BigInteger.ONE.shiftLeft(64);
    BigInteger gamma = new BigInteger("9E3779B97F4A7C15", 16);
    for (long step = 0; step < 50; step++) {
      byte[][] batch = windows.batch(step);
      BigInteger key =
          mix(
              mix(BigInteger.valueOf(-3).add(gamma).mod(two64))
                  .add(gamma.multiply(BigInteger.valueOf(step + 1)))
                  .mod(two64));
      for (int row = 0; row < 4; row++) {
        BigInteger u = mix(key.add(gamma.multiply(BigInteger.valueOf(row + 1L))).mod(two64));
        assertThat(batch[row][0] & 0xFF).isEqualTo(u.mod(BigInteger.valueOf(200)).intValue());
      }
    }
  }

  private static BigInteger mix(BigInteger z) {
    BigInteger two64 = BigInteger.ONE.shiftLeft(64);
    z = z.xor(z.shiftRight(30)).multiply(new BigInteger("BF58476D1CE4E5B9", 16)).mod(two64);
    z = z.xor(z.shiftRight(27)).multiply(new BigInteger("94D049BB133111EB", 16)).mod(two64);
    return z.xor(z.shiftRight(31));
  }

  @Test
  void everyStartIsEquallyLikely() {
    int length = 25; // 16 + 1 + 76 starts: only one in the second document
    RandomWindows windows = new RandomWindows(SPLIT, length, 31, 1);
    int[] count = new int[165];
    int steps = 3000;
    for (int step = 0; step < steps; step++) {
      for (byte[] row : windows.batch(step)) {
        assertThat(row).hasSize(length);
        for (int i = 1; i < length; i++) {
          assertThat(row[i]).isEqualTo((byte) (row[0] + i));
        }
        count[row[0] & 0xFF]++;
      }
    }
    double expected = steps * 31 / 93.0;
    double chiSquare = 0;
    for (int start = 0; start < count.length; start++) {
      boolean valid = start <= 15 || start == 40 || (start >= 65 && start <= 140);
      if (valid) {
        chiSquare += (count[start] - expected) * (count[start] - expected) / expected;
      } else {
        assertThat(count[start]).as("start %d", start).isZero();
      }
    }
    // 92 degrees of freedom: mean 92, standard deviation 13.6; five deviations either way
    assertThat(chiSquare).isCloseTo(92, within(68.0));
  }

  @Test
  void strideOfOneChangesNothing() {
    for (int step = 0; step < 20; step++) {
      assertThat(new RandomWindows(SPLIT, 7, 5, 42, 1).batch(step))
          .isDeepEqualTo(new RandomWindows(SPLIT, 7, 5, 42).batch(step));
    }
    assertThat(new RandomWindows(SPLIT, 7, 5, 42).stride()).isEqualTo(1);
  }

  /** Starts are multiples of the stride in their document, and all of these are equally likely. */
  @Test
  void windowsStartAtMultiplesOfTheStride() {
    RandomWindows windows = new RandomWindows(SPLIT, 10, 31, 1, 10); // 4 + 2 + 10 starts
    int[] count = new int[165];
    for (int step = 0; step < 2000; step++) {
      for (byte[] row : windows.batch(step)) {
        assertThat(row[9]).isEqualTo((byte) (row[0] + 9));
        count[row[0] & 0xFF]++;
      }
    }
    double expected = 2000 * 31 / 16.0;
    double chiSquare = 0;
    for (int start = 0; start < count.length; start++) {
      int inDocument = start < 40 ? start : start < 65 ? start - 40 : start - 65;
      boolean valid = inDocument % 10 == 0 && start != 60;
      if (valid) {
        chiSquare += (count[start] - expected) * (count[start] - expected) / expected;
      } else {
        assertThat(count[start]).as("start %d", start).isZero();
      }
    }
    // 15 degrees of freedom: mean 15, standard deviation 5.5; five deviations above
    assertThat(chiSquare).isLessThan(42.5);
    assertThatThrownBy(() -> new RandomWindows(SPLIT, 7, 5, 42, 0))
        .hasMessageContaining("stride is 0");
  }

  @Test
  void wholeDocumentIsAWindow() {
    assertThat(new RandomWindows(split(9), 9, 2, 0).batch(5)[1])
        .containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8);
  }

  @Test
  void shortDocumentsAreSkipped() {
    Split mixed = split(3, 40, 24, 25, 1, 100, 2);
    RandomWindows windows = new RandomWindows(mixed, 25, 31, 1);
    assertThat(windows.skipped()).isEqualTo(4);
    // the same draws as from the long documents alone
    List<Document> all = mixed.documents();
    Split only = new Split("train", List.of(all.get(1), all.get(3), all.get(5)));
    RandomWindows same = new RandomWindows(only, 25, 31, 1);
    assertThat(same.skipped()).isZero();
    for (int step = 0; step < 50; step++) {
      assertThat(windows.batch(step)).isDeepEqualTo(same.batch(step));
    }
    assertThat(new RandomWindows(SPLIT, 41, 1, 0).skipped()).isEqualTo(2);
  }

  @Test
  void onlyShortDocumentsAreRefused() {
    assertThatThrownBy(() -> new RandomWindows(SPLIT, 101, 2, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("train", "3 documents", "at most 100 bytes", "has 101");
  }

  @Test
  void sillyNumbersAreRefused() {
    assertThatThrownBy(() -> new RandomWindows(SPLIT, 0, 2, 0))
        .hasMessageContaining("0 bytes long");
    assertThatThrownBy(() -> new RandomWindows(SPLIT, 2, 0, 0)).hasMessageContaining("0 rows");
    assertThatThrownBy(() -> new RandomWindows(SPLIT, 2, 1, 0).batch(-1))
        .hasMessageContaining("-1");
    Split none = new Split("test", List.of());
    assertThatThrownBy(() -> new RandomWindows(none, 2, 1, 0))
        .hasMessageContaining("test has no documents");
  }
}
