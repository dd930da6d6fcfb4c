package org.megalab.data;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TsvFileTest {
  private static final String TABLE = "Source\tTarget\n[MAX 2 9 ]\t9\n\u00e9\t\n\t0\n";

  @TempDir Path folder;

  private Path file(String name, byte[] bytes) throws IOException {
    return Files.write(folder.resolve(name), bytes);
  }

  @Test
  void rowsAndColumnsAreReadAnywhere() throws IOException {
    Path plain = file("t.tsv", TABLE.getBytes(UTF_8));
    Path dos = file("dos.tsv", TABLE.replace("\n", "\r\n").strip().getBytes(UTF_8));
    Path gzip = file("t.tsv.gz", DocumentGzipTest.gzip(TABLE.getBytes(UTF_8)));
    for (Path path : List.of(plain, dos, gzip)) {
      TsvFile table = TsvFile.open(path, true);
      assertThat(table.columns()).containsExactly("Source", "Target");
      assertThat(table.rows()).isEqualTo(3);
      assertThat(table.row(2)).containsExactly("", "0");
      assertThat(table.row(0)).containsExactly("[MAX 2 9 ]", "9");
      assertThat(table.row(1)).containsExactly("\u00e9", "");
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
    assertThat(bare.rows()).isEqualTo(4);
    assertThat(bare.row(0)).containsExactly("Source", "Target");
  }

  @Test
  void longTablesKeepTheirPlaces() throws IOException {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 20_000; i++) {
      text.append(i).append('\t').append("x".repeat(i % 50)).append('\n');
    }
    TsvFile table = TsvFile.open(file("long.tsv", text.toString().getBytes(UTF_8)), false);
    assertThat(table.rows()).isEqualTo(20_000);
    for (int i = 0; i < 20_000; i += 777) {
      assertThat(table.row(i)).containsExactly(String.valueOf(i), "x".repeat(i % 50));
    }
  }

  @Test
  void malformedRowsAreNamed() throws IOException {
    Path narrow = file("narrow.tsv", "a\tb\n1\t2\n3\n".getBytes(UTF_8));
    assertThatThrownBy(() -> TsvFile.open(narrow, true))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("narrow.tsv, line 3", "at byte 8", "1 fields", "expected 2");
    Path latin = file("latin.tsv", "a\tb\n1\t\u00e9\n".getBytes(ISO_8859_1));
    assertThatThrownBy(() -> TsvFile.open(latin, true))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("latin.tsv, line 2", "at byte 7", "UTF-8");
    Path empty = file("empty.tsv", new byte[0]);
    assertThatThrownBy(() -> TsvFile.open(empty, true)).hasMessageContaining("the file is empty");
  }
}
