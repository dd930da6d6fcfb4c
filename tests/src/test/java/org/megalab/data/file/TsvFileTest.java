package org.megalab.data.file;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TsvFileTest {
  private static final String TABLE = "Source\tTarget\n[MAX 2 9 ]\t9\n\u00e9\t\n\t0\n";

  @TempDir Path folder;

  private Path file(String name, byte[] bytes) throws IOException {
    return Files.write(folder.resolve(name), bytes);
  }

  private Path file(String text) {
    return MediaFiles.write(folder.resolve("t.tsv"), MediaFiles.text(text));
  }

  private static List<String> texts(TsvFile table, int row) {
    return table.row(row).cells().stream().map(cell -> new String(cell, UTF_8)).toList();
  }

  @Test
  void rowsAndColumnsAreReadAnywhere() throws IOException {
    Path plain = file("t.tsv", TABLE.getBytes(UTF_8));
    Path dos = file("dos.tsv", TABLE.replace("\n", "\r\n").strip().getBytes(UTF_8));
    Path gzip = file("t.tsv.gz", MediaFiles.gzip(TABLE.getBytes(UTF_8)));
    for (Path path : List.of(plain, dos, gzip)) {
      TsvFile table = TsvFile.open(path, true);
      assertThat(table.columns()).containsExactly("Source", "Target");
      assertThat(table.size()).isEqualTo(3);
      assertThat(texts(table, 2)).containsExactly("", "0");
      assertThat(texts(table, 0)).containsExactly("[MAX 2 9 ]", "9");
      assertThat(texts(table, 1)).containsExactly("\u00e9", "");
      List<Document> sources = table.documents(0);
      assertThat(sources)
          .extracting(d -> new String(d.read(0, (int) d.length()), UTF_8))
          .containsExactly("[MAX 2 9 ]", "\u00e9");
      assertThat(table.documents(1))
          .extracting(d -> new String(d.read(0, 1), UTF_8))
          .containsExactly("9", "0");
      assertThat(table.documents(1).get(1).name()).endsWith(".tsv#2");
      assertThatThrownBy(() -> table.row(3)).isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> table.documents(2))
          .isInstanceOf(IndexOutOfBoundsException.class)
          .hasMessageContaining("no column 2");
    }
    TsvFile bare = TsvFile.open(plain, false);
    assertThat(bare.columns()).containsExactly("0", "1");
    assertThat(bare.size()).isEqualTo(4);
    assertThat(texts(bare, 0)).containsExactly("Source", "Target");
  }

  @Test
  void everyRowIsSeenOnce() {
    List<Long> seen = new ArrayList<>();
    TsvFile plain = TsvFile.open(file("a\tb\n\t\"c\r\nd\t\n"), 2, row -> seen.add(row.offset()));
    assertThat(plain.size()).isEqualTo(3);
    assertThat(seen).containsExactly(0L, 4L, 9L);
    assertThat(plain.row(2).text(0)).isEqualTo("d");
    assertThat(plain.row(2).text(1)).isEmpty();
    assertThat(plain.row(1).text(0)).isEmpty();
    assertThat(plain.row(1).text(1)).isEqualTo("\"c");
  }

  @Test
  void columnsAreTakenInTheOrderAsked() {
    TsvFile named =
        TsvFile.open(
            file("x\tTarget\tSource\r\n1\t2\t3\r\n4\t5\t6"), List.of("Source", "Target"), r -> {});
    assertThat(named.size()).isEqualTo(2);
    assertThat(named.columns()).containsExactly("Source", "Target");
    assertThat(named.row(1).text(0)).isEqualTo("6");
    assertThat(named.row(1).text(1)).isEqualTo("5");
    assertThat(named.documents(0))
        .extracting(d -> (char) d.read(0, 1)[0])
        .containsExactly('3', '6');
    assertThatThrownBy(() -> named.row(2))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessageContaining("there are 2");
  }

  /** Rows across the chunks of the reader, and more of them than the first index holds. */
  @Test
  void longTablesKeepTheirPlaces() throws IOException {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 20_000; i++) {
      text.append(i).append('\t').append("x".repeat(i % 50)).append('\n');
    }
    TsvFile table = TsvFile.open(file("long.tsv", text.toString().getBytes(UTF_8)), false);
    assertThat(table.size()).isEqualTo(20_000);
    for (int i = 0; i < 20_000; i += 777) {
      assertThat(texts(table, i)).containsExactly(String.valueOf(i), "x".repeat(i % 50));
    }
  }

  @Test
  void malformedRowsAreNamed() throws IOException {
    Path narrow = file("narrow.tsv", "a\tb\n1\t2\n3\n".getBytes(UTF_8));
    assertThatThrownBy(() -> TsvFile.open(narrow, true))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("narrow.tsv, line 3", "at byte 8", "1 cells", "expected 2 cells");
    Path latin = file("latin.tsv", "a\tb\n1\t\u00e9\n".getBytes(ISO_8859_1));
    assertThatThrownBy(() -> TsvFile.open(latin, true))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("latin.tsv, line 2", "at byte 7", "UTF-8");
    Path empty = file("empty.tsv", new byte[0]);
    assertThatThrownBy(() -> TsvFile.open(empty, true)).hasMessageContaining("the file is empty");
  }

  @Test
  void badRowsAreExplained() {
    assertThatThrownBy(() -> TsvFile.open(file("a\tb\nc\n"), 2, row -> {}))
        .isInstanceOfSatisfying(
            MalformedFileException.class, e -> assertThat(e.offset()).isEqualTo(4))
        .hasMessageContainingAll("t.tsv, line 2", "1 cells", "expected 2 cells");
    assertThatThrownBy(() -> TsvFile.open(file("Source\tTarget\n"), List.of("Source"), row -> {}))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageContaining("at least one row");
    assertThatThrownBy(() -> TsvFile.open(file("Sauce\tTarget\n1\t2"), List.of("Source"), r -> {}))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageContainingAll("[Sauce, Target]", "[Source]");
    assertThatThrownBy(
            () ->
                TsvFile.open(
                    file("7\tb\nx\tb\n"),
                    2,
                    row -> {
                      if (!row.text(0).equals("7")) {
                        throw row.fault(0, "a seven");
                      }
                    }))
        .isInstanceOfSatisfying(
            MalformedFileException.class, e -> assertThat(e.offset()).isEqualTo(4))
        .hasMessageContainingAll("\"x\" in column 0 of row 1", "a seven");
  }
}
