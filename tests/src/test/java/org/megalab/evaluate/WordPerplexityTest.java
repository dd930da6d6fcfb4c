package org.megalab.evaluate;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.StringTokenizer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.megalab.data.Corpus;
import org.megalab.data.Split;
import org.megalab.data.file.Document;
import org.megalab.model.SequenceModel;
import tech.tablesaw.api.Table;

class WordPerplexityTest {

  @ParameterizedTest
  @CsvSource({
    "'one', 1",
    "'  one two  ', 2",
    "'a\tb\nc\u000bd\fe\rf', 6",
    "' ', 0",
    "'größer – als', 3",
    "'no\u00a0break, one' , 2"
  })
  void wordsAreWhatStandsBetweenWhiteSpace(String text, long words) {
    assertThat(WordCount.of(Document.of("text", text.getBytes(UTF_8)))).isEqualTo(words);
  }

  /** Also where a piece that is read at once ends inside of a word, or between two. */
  @Test
  void wordsCrossPieces() {
    for (int before : new int[] {(1 << 16) - 2, (1 << 16) - 1, 1 << 16}) {
      byte[] bytes = new byte[before + 5];
      Arrays.fill(bytes, (byte) ' ');
      bytes[before] = 'a';
      bytes[before + 1] = 'b';
      assertThat(WordCount.of(Document.of("text", bytes))).as("%d", before).isEqualTo(1);
    }
  }

  @Test
  void wordsOfAShippedBook() {
    Split books = Corpus.shipped("books").validation();
    long expected = 0;
    for (Document book : books.documents()) {
      byte[] bytes = book.read(0, (int) book.length());
      expected += new StringTokenizer(new String(bytes, UTF_8), " \t\n\u000b\f\r").countTokens();
    }
    assertThat(WordCount.of(books.documents())).isEqualTo(expected).isGreaterThan(50_000);
  }

  /** WikiText-103's tokens are words and one end of line a line: 101,425,671 and 1,801,350. */
  @Test
  void publishedCounts() {
    assertThat(WordCount.WIKITEXT103_TRAIN.words()).isEqualTo(101_425_671 + 1_801_350);
    assertThat(WordCount.WIKITEXT103_VALIDATION.words()).isEqualTo(213_886 + 3760);
    assertThat(WordCount.WIKITEXT103_TEST.words()).isEqualTo(241_211 + 4358);
    assertThat(WordCount.PG19_TEST.words()).isEqualTo(6_966_499);
  }

  @Test
  void documentsAreWeightedByTheirLength() {
    Document longer = Samples.text("longer", 90);
    Document shorter = Document.of("shorter", "one two".getBytes(UTF_8));
    Split split = new Split("test", List.of(longer, shorter));
    try (SequenceModel model = Samples.model(Samples.megabyte())) {
      double[] nats = new double[2];
      for (int from = 0; from < 90; from += 32) {
        nats[0] += Arrays.stream(Samples.costs(model, longer, from, Math.min(90, from + 32))).sum();
      }
      nats[1] = Arrays.stream(Samples.costs(model, shorter, 0, 7)).sum();
      long words = WordCount.of(longer);
      WordPerplexity perplexity = WordPerplexity.of(BitsPerByte.of(model, split), split);
      assertThat(perplexity.texts()).extracting("words").containsExactly(words, 2L);
      assertThat(perplexity.texts().get(0).perplexity())
          .isCloseTo(Math.exp(nats[0] / words), within(1e-3 * Math.exp(nats[0] / words)));
      double expected = Math.exp((nats[0] + nats[1]) / (words + 2));
      assertThat(perplexity.value()).isCloseTo(expected, within(1e-4 * expected));
      assertThat(perplexity.all().bytesPerWord()).isEqualTo(97.0 / (words + 2));
      assertThat(Perplexity.ofWords(perplexity.all().bitsPerByte(), 97.0 / (words + 2)))
          .isCloseTo(perplexity.value(), within(1e-9 * expected));
      Table table = perplexity.table();
      assertThat(table.columnNames())
          .containsExactly(
              "document", "bytes", "words", "bytes per word", "bits per byte", "word perplexity");
      assertThat(table.stringColumn(0).asList()).containsExactly("longer", "shorter", "all");
      assertThat(table.doubleColumn("word perplexity").get(2)).isEqualTo(perplexity.value());
    }
  }

  @Test
  void wordsMayBeCountedElsewhere() {
    BitsPerByte cost = new BitsPerByte(List.of(), 5.18584 * Math.log(2) * 1000, 5926, true);
    WordPerplexity perplexity = WordPerplexity.of(cost, 1000);
    assertThat(perplexity.value()).isCloseTo(36.4, within(0.01));
    assertThat(perplexity.table().rowCount()).isEqualTo(1);
    Table models = WordPerplexity.table(Map.of("mine", perplexity));
    assertThat(models.stringColumn("model").asList()).containsExactly("mine");
    assertThat(models.doubleColumn("word perplexity").get(0)).isEqualTo(perplexity.value());
    assertThatThrownBy(() -> WordPerplexity.of(cost, 0)).hasMessageContaining("have 0 words");
    assertThatThrownBy(() -> WordPerplexity.of(cost, 6000)).hasMessageContaining("5,926 bytes");
  }

  @Test
  void onlyWholeEvaluationsCount() {
    Split split = new Split("test", List.of(Samples.text("text", 50)));
    BitsPerByte stopped = new BitsPerByte(List.of(), 20, 10, false);
    assertThatThrownBy(() -> WordPerplexity.of(stopped, split))
        .hasMessageContaining("stopped after 10 bytes");
    assertThatThrownBy(() -> WordPerplexity.of(stopped, 3)).hasMessageContaining("stopped");
    BitsPerByte other =
        new BitsPerByte(List.of(new BitsPerByte.DocumentCost("text", 49, 2)), 98, 49, true);
    assertThatThrownBy(() -> WordPerplexity.of(other, split))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("give the split that was evaluated");
  }

  @Test
  void aTextWithoutWordsHasNoPerplexity() {
    Split split = new Split("test", List.of(Document.of("blank", "   ".getBytes(UTF_8))));
    BitsPerByte cost =
        new BitsPerByte(List.of(new BitsPerByte.DocumentCost("blank", 3, 1)), 2, 3, true);
    Table table = WordPerplexity.of(cost, split).table();
    assertThat(table.doubleColumn("word perplexity").isMissing(0)).isTrue();
  }
}
