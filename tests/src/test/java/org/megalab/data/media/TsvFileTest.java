package org.megalab.data.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TsvFileTest {
  @TempDir Path folder;

  private Path file(String text) {
    return MediaFiles.write(folder.resolve("t.tsv"), MediaFiles.text(text));
  }

  @Test
  void readsRowsWithAndWithoutAHeader() {
    List<Long> seen = new ArrayList<>();
    TsvFile plain = TsvFile.open(file("a\tb\n\t\"c\r\nd\t\n"), 2, row -> seen.add(row.offset()));
    assertThat(plain.size()).isEqualTo(3);
    assertThat(seen).containsExactly(0L, 4L, 9L);
    assertThat(plain.row(2).text(0)).isEqualTo("d");
    assertThat(plain.row(2).text(1)).isEmpty();
    assertThat(plain.row(1).text(0)).isEmpty();
    assertThat(plain.row(1).text(1)).isEqualTo("\"c");
    TsvFile named =
        TsvFile.open(
            file("x\tTarget\tSource\r\n1\t2\t3\r\n4\t5\t6"), List.of("Source", "Target"), r -> {});
    assertThat(named.size()).isEqualTo(2);
    assertThat(named.row(1).text(0)).isEqualTo("6");
    assertThat(named.row(1).text(1)).isEqualTo("5");
    assertThatThrownBy(() -> named.row(2))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessageContaining("there are 2");
  }

  /** Rows across the chunks of the reader, and more of them than the first table holds. */
  @Test
  void longFilesAreIndexed() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 5000; i++) {
      text.append(i).append('\t').append("x".repeat(i % 90)).append('\n');
    }
    TsvFile file = TsvFile.open(file(text.toString()), 2, row -> {});
    assertThat(file.size()).isEqualTo(5000);
    for (int i = 0; i < 5000; i += 7) {
      assertThat(file.row(i).text(0)).isEqualTo(String.valueOf(i));
      assertThat(file.row(i).cells().get(1)).hasSize(i % 90);
    }
  }

  @Test
  void badRowsAreExplained() {
    assertThatThrownBy(() -> TsvFile.open(file("a\tb\nc\n"), 2, row -> {}))
        .isInstanceOfSatisfying(
            MalformedFileException.class, e -> assertThat(e.offset()).isEqualTo(4))
        .hasMessageContainingAll("t.tsv", "1 cells in row 1", "2 cells");
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
