package org.megalab.data.file;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.megalab.data.Split;

class DocumentTest {
  @TempDir Path folder;

  private Path file(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  @Test
  void fileAndMemoryReadAlike() throws IOException {
    Document file = Document.file(file("a.txt", "0123456789"));
    Document memory = Document.of("a.txt", "0123456789".getBytes(US_ASCII));
    for (Document document : new Document[] {file, memory}) {
      assertThat(document.name()).isEqualTo("a.txt");
      assertThat(document.length()).isEqualTo(10);
      byte[] into = new byte[5];
      document.read(7, into, 1, 3);
      assertThat(into).containsExactly(0, '7', '8', '9', 0);
      assertThat(document.read(0, 10)).isEqualTo("0123456789".getBytes(US_ASCII));
      assertThat(document.read(10, 0)).isEmpty();
    }
  }

  @Test
  void memoryKeepsItsOwnBytes() {
    byte[] bytes = {1, 2, 3};
    Document document = Document.of("x", bytes);
    bytes[0] = 9;
    assertThat(document.read(0, 3)).containsExactly(1, 2, 3);
  }

  @Test
  void partsOfASplitAreTheSplit() {
    Document seven = Document.of("a", "0123456".getBytes(US_ASCII));
    Split parts = new Split("train", List.of(seven, Document.of("b", new byte[3]))).inParts(3);
    assertThat(parts.documents()).extracting(Document::length).containsExactly(3L, 3L, 1L, 3L);
    assertThat(parts.documents().get(1).read(0, 3)).isEqualTo("345".getBytes(US_ASCII));
    assertThat(parts.documents().get(2).name()).isEqualTo("a from 6");
    assertThatThrownBy(() -> parts.inParts(0)).hasMessageContaining("0 bytes");
  }

  @Test
  void rangesOutsideAreRefused() throws IOException {
    Document file = Document.file(file("short.txt", "abc"));
    Document memory = Document.of("short.txt", new byte[3]);
    for (Document document : new Document[] {file, memory}) {
      for (long[] range :
          new long[][] {{-1, 1}, {0, 4}, {3, 1}, {4, 0}, {Long.MAX_VALUE, 1}, {0, -1}}) {
        assertThatThrownBy(() -> document.read(range[0], (int) range[1]))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("short.txt");
      }
      assertThatThrownBy(() -> document.read(0, new byte[2], 1, 2))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("array of 2");
    }
  }

  @Test
  void badFilesAreNamed() throws IOException {
    assertThatThrownBy(() -> Document.file(folder.resolve("gone.txt")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("gone.txt")
        .hasMessageContaining("no such file");
    Path empty = file("empty.txt", "");
    assertThatThrownBy(() -> Document.file(empty))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("empty.txt")
        .hasMessageContaining("empty");
    assertThatThrownBy(() -> Document.file(folder))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("not a regular file");
    assertThatThrownBy(() -> Document.of("nothing", new byte[0]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("nothing");
  }

  @Test
  void unreadableFileIsNamed() throws IOException {
    Path path = file("secret.txt", "abc");
    assumeTrue(
        path.toFile().setReadable(false) && !Files.isReadable(path), "this user reads everything");
    assertThatThrownBy(() -> Document.file(path))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("secret.txt");
  }

  @Test
  void fileThatShrinksOrGoesIsNamed() throws IOException {
    Path path = file("melting.txt", "0123456789");
    Document document = Document.file(path);
    Files.writeString(path, "0123");
    assertThat(document.read(0, 4)).isEqualTo("0123".getBytes(US_ASCII));
    assertThatThrownBy(() -> document.read(2, 8))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("melting.txt")
        .hasMessageContaining("shrank from 10 to 4 bytes");
    Files.delete(path);
    assertThatThrownBy(() -> document.read(0, 1))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("melting.txt");
  }

  @Test
  void interruptionIsCalledSo() throws IOException {
    Document document = Document.file(file("calm.txt", "abc"));
    Thread.currentThread().interrupt();
    try {
      assertThatThrownBy(() -> document.read(0, 3))
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageContainingAll("calm.txt", "interrupted");
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
    assertThat(document.read(0, 3)).hasSize(3);
  }

  @Test
  void readsBeyondTwoGibibytes() throws IOException {
    assumeTrue(Files.getFileStore(folder).getUsableSpace() > 4L << 30, "needs 4 GiB of disk");
    long length = (5L << 30) / 2;
    Path path = folder.resolve("huge.bin");
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.setLength(length);
      file.seek(length - 2);
      file.write(new byte[] {42, 43});
    }
    Document document = Document.file(path);
    assertThat(document.length()).isEqualTo(length);
    assertThat(document.read(length - 3, 3)).containsExactly(0, 42, 43);
  }
}
