package org.megalab.data.file;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.megalab.data.Split;

class SpoolTest {

  private static void write(Spool spool, String text) throws IOException {
    spool.begin(text);
    spool.write(text.getBytes(UTF_8));
  }

  @Test
  void documentsAreReadAfterwards() throws IOException {
    try (Spool spool = new Spool("test", Decoding.DEFAULT)) {
      for (String text : List.of("one", "", "three")) {
        write(spool, text);
        assertThat(spool.end()).isEqualTo(!text.isEmpty());
      }
      List<Document> documents = spool.documents(i -> "document " + i);
      assertThat(documents).extracting(Document::name).containsExactly("document 0", "document 1");
      assertThat(documents)
          .extracting(d -> new String(d.read(0, (int) d.length()), UTF_8))
          .containsExactly("one", "three");
      assertThatThrownBy(() -> documents.add(documents.get(0)))
          .isInstanceOf(UnsupportedOperationException.class);
      assertThatThrownBy(() -> documents.get(0).read(2, 2))
          .hasMessageContainingAll("document 0", "3 bytes");
      assertThat(new Split("train", documents).documents()).isSameAs(documents);
    }
  }

  @Test
  void nothingIsLeftWhereItFails() throws IOException {
    Set<Path> before = SpoolFiles.now();
    try (Spool spool = new Spool("test", Decoding.DEFAULT)) {
      write(spool, "half");
      assertThat(SpoolFiles.now().stream().filter(file -> !before.contains(file))).hasSize(1);
    }
    assertThat(before).containsAll(SpoolFiles.now());
    try (Spool spool = new Spool("test", Decoding.DEFAULT)) {
      assertThat(spool.documents(i -> "none")).isEmpty();
    }
    assertThat(before).containsAll(SpoolFiles.now());
  }

  @Test
  void theFileGoesWithItsDocuments() throws Exception {
    Set<Path> before = SpoolFiles.now();
    unused();
    for (int i = 0; i < 100 && !before.containsAll(SpoolFiles.now()); i++) {
      System.gc();
      Thread.sleep(50);
    }
    assertThat(before).containsAll(SpoolFiles.now());
  }

  private static void unused() throws IOException {
    try (Spool spool = new Spool("test", Decoding.DEFAULT)) {
      write(spool, "text");
      spool.end();
      assertThat(spool.documents(i -> "text").get(0).read(0, 4)).hasSize(4);
    }
  }

  @Test
  void partsStayWithinTheirDocument() {
    Document whole = Document.of("whole", "0123456789".getBytes(UTF_8));
    Document part = whole.part("part", 3, 4);
    assertThat(part.read(1, 2)).isEqualTo("45".getBytes(UTF_8));
    assertThat(part.part("inner", 3, 1).read(0, 1)).isEqualTo("6".getBytes(UTF_8));
    assertThatThrownBy(() -> part.read(3, 2)).hasMessageContainingAll("part", "4 bytes");
    for (long[] range : new long[][] {{0, 0}, {-1, 2}, {7, 4}, {Long.MAX_VALUE, 1}}) {
      assertThatThrownBy(() -> whole.part("part", range[0], range[1]))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("part", "whole has 10 bytes");
    }
  }

  @Test
  void maximumIsAtLeastOne() {
    assertThatThrownBy(() -> Decoding.DEFAULT.withMaximum(0)).hasMessageContaining("maximum is 0");
  }
}
