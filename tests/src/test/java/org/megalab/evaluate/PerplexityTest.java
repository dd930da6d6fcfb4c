package org.megalab.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class PerplexityTest {

  /** MEGABYTE on PG-19, test: 0.8751 bits per byte, 5.926 bytes a word, a perplexity of 36.4. */
  @Test
  void bitsPerByteAndWordPerplexityOfThePaper() {
    assertThat(Perplexity.ofWords(0.8751, 5.926)).isCloseTo(36.4, within(0.05));
    assertThat(Perplexity.bitsPerByteOfWords(36.4, 5.926)).isCloseTo(0.8751, within(2e-4));
    // the byte Transformer and Perceiver AR of the same table
    assertThat(Perplexity.bitsPerByteOfWords(69.4, 5.926)).isCloseTo(1.032, within(5e-4));
    assertThat(Perplexity.bitsPerByteOfWords(88.8, 5.926)).isCloseTo(1.092, within(5e-4));
  }

  @Test
  void unitsGoThereAndBack() {
    assertThat(Perplexity.bitsPerByte(Math.log(2))).isCloseTo(1, within(1e-15));
    assertThat(Perplexity.bitsPerByte(1)).isCloseTo(1.4426950408889634, within(1e-15));
    assertThat(Perplexity.natsPerByte(8)).isCloseTo(Math.log(256), within(1e-14));
    assertThat(Perplexity.ofBytes(8)).isCloseTo(256, within(1e-10));
    assertThat(Perplexity.ofWords(2, 3)).isCloseTo(64, within(1e-11));
    assertThat(Perplexity.bitsPerByteOfWords(Perplexity.ofWords(1.3, 5.5), 5.5))
        .isCloseTo(1.3, within(1e-14));
  }

  /** By hand: groups (1, 1), (3, 1): mean 2, sd √2, so 1; unequal groups by the definition. */
  @Test
  void meanAndItsError() {
    Mean mean = new Mean();
    assertThat(mean.value()).isNaN();
    mean.add(1, 1);
    assertThat(mean.value()).isEqualTo(1);
    assertThat(mean.standardError()).isNaN();
    mean.add(3, 1);
    assertThat(mean.value()).isEqualTo(2);
    assertThat(mean.standardError()).isCloseTo(1, within(1e-12));
    mean.add(8, 2); // mean 12 / 4 = 3: residuals -2, 0, 2
    assertThat(mean.value()).isEqualTo(3);
    assertThat(mean.count()).isEqualTo(4);
    assertThat(mean.groups()).isEqualTo(3);
    assertThat(mean.standardError()).isCloseTo(Math.sqrt(3.0 / 2 * 8 / 16), within(1e-12));
  }
}
