package org.megalab.evaluate;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.megalab.data.Corpus;
import org.megalab.data.file.Document;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;
import tech.tablesaw.api.Table;

class TextStatisticsTest {

  private static TextStatistics of(String... texts) {
    return TextStatistics.of(
        Stream.of(texts).map(t -> Document.of(t.substring(0, 1), t.getBytes(US_ASCII))).toList());
  }

  private static double log2(double x) {
    return Math.log(x) / Math.log(2);
  }

  @Test
  void oneByteOverAndOverCostsNothing() {
    TextStatistics s = of("aaaaaaaa");
    assertThat(s.bytes()).isEqualTo(8);
    assertThat(s.uniform()).isEqualTo(8);
    assertThat(s.order0()).isZero();
    assertThat(s.order1()).isZero();
  }

  @Test
  void alternationIsOrderOneOnly() {
    // half a, half b: 1 bit; each pair is certain, the first byte costs 1 bit of order 0: 1/6
    TextStatistics s = of("ababab");
    assertThat(s.order0()).isCloseTo(1, within(1e-12));
    assertThat(s.order1()).isCloseTo(1 / 6.0, within(1e-12));
  }

  @Test
  void pairsByHand() {
    // aabab: a 3, b 2; pairs aa 1, ab 2 (after a: 3), ba 1 (after b: 1); first byte a of
    // probability 3/5
    TextStatistics s = of("aabab");
    assertThat(s.order0()).isCloseTo((3 * log2(5 / 3.0) + 2 * log2(5 / 2.0)) / 5, within(1e-12));
    assertThat(s.order1())
        .isCloseTo((log2(3) + 2 * log2(3 / 2.0) + log2(5 / 3.0)) / 5, within(1e-12));
  }

  @Test
  void noPairCrossesDocuments() {
    // together a 3, b 3; pairs aa 2, bb 2, all certain; two first bytes of one bit each
    TextStatistics s = of("aaa", "bbb");
    assertThat(s.order0()).isCloseTo(1, within(1e-12));
    assertThat(s.order1()).isCloseTo(2 / 6.0, within(1e-12));
    // as one document there is a pair ab, and one first byte: 3 pairs after a
    assertThat(of("aaabbb").order1())
        .isCloseTo((2 * log2(3 / 2.0) + log2(3) + 1) / 6, within(1e-12));
  }

  @Test
  void randomBytesCannotBeCompressed() {
    byte[] bytes = new byte[300_000]; // several chunks
    new Random(5).nextBytes(bytes);
    TextStatistics s = TextStatistics.of(List.of(Document.of("random", bytes)));
    // the expected entropy of N draws is lower by (256 − 1) / (2 N ln 2)
    assertThat(s.order0()).isCloseTo(8 - 255 / (2 * bytes.length * Math.log(2)), within(2e-4));
    assertThat(s.gzip()).isBetween(8.0, 8.01);
    assertThat(s.xz()).isBetween(8.0, 8.01);
  }

  @Test
  void compressedSizesAddUp() {
    String a = "to be or not to be, that is the question; ".repeat(50);
    String b = "whether 'tis nobler in the mind to suffer ".repeat(70);
    TextStatistics both = of(a, b);
    assertThat(both.gzip() * both.bytes())
        .isCloseTo(of(a).gzip() * a.length() + of(b).gzip() * b.length(), within(1e-6));
    assertThat(both.xz() * both.bytes())
        .isCloseTo(of(a).xz() * a.length() + of(b).xz() * b.length(), within(1e-6));
  }

  @Test
  void nothingIsRefused() {
    assertThatThrownBy(() -> TextStatistics.of(List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no documents");
  }

  /**
   * Entropies from NumPy; sizes from GNU gzip -9 (161,871 bytes) and XZ Utils -9 (137,268 bytes).
   */
  @Test
  void shippedValidationBook() throws IOException {
    Corpus books = Corpus.shipped("books");
    TextStatistics s = TextStatistics.of(books.validation());
    assertThat(s.bytes()).isEqualTo(433411);
    assertThat(s.order0()).isCloseTo(4.436730090992596, within(1e-9));
    assertThat(s.order1()).isCloseTo(3.4868137485607065, within(1e-9));
    assertThat(s.gzip() * 433411 / 8).isCloseTo(161871, withinPercentage(0.1));
    assertThat(s.xz() * 433411 / 8).isCloseTo(137268, withinPercentage(0.1));
  }

  @Test
  void smallDictionaryCostsNothing() throws IOException {
    Document book = Corpus.shipped("books").validation().documents().get(0);
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    try (XZOutputStream out = new XZOutputStream(whole, new LZMA2Options(9))) {
      out.write(book.read(0, (int) book.length()));
    }
    double size = TextStatistics.of(List.of(book)).xz() * book.length() / 8;
    assertThat(size).isCloseTo(whole.size(), within(1e-6));
  }

  @Test
  void tableShowsTheLines() {
    TextStatistics s = of("aabab");
    Table table = s.table();
    assertThat(table.columnNames()).containsExactly("reference", "bitsPerByte");
    assertThat(table.stringColumn(0))
        .containsExactly("uniform", "order 0", "order 1", "gzip", "xz");
    assertThat(table.doubleColumn(1))
        .containsExactly(8.0, s.order0(), s.order1(), s.gzip(), s.xz());
  }
}
