package org.megalab.data;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.megalab.data.file.Document;
import org.megalab.data.file.MediaFiles;

/** Single files in splits: enwik8 and WikiText. */
class TextLayoutsTest {
  @TempDir Path folder;

  private void file(String path, String text) throws IOException {
    Path file = folder.resolve(path);
    Files.createDirectories(file.resolveSibling("."));
    Files.writeString(file, text);
  }

  private static String text(Split split) {
    Document document = split.documents().get(0);
    return new String(document.read(0, (int) document.length()), UTF_8);
  }

  @Test
  void enwik8IsSplitByItsRule() throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(folder.resolve("enwik8").toFile(), "rw")) {
      file.setLength(Enwik8.LENGTH);
      for (long at : new long[] {0, 89_999_999, 90_000_000, 95_000_000, 99_999_999}) {
        file.seek(at);
        file.write((int) (at % 97) + 1);
      }
    }
    Corpus corpus = Corpus.named(folder.toString());
    assertThat(corpus.train().bytes()).isEqualTo(90_000_000);
    assertThat(corpus.validation().bytes()).isEqualTo(5_000_000);
    assertThat(corpus.test().bytes()).isEqualTo(5_000_000);
    assertThat(corpus.train().documents().get(0).read(0, 1)).containsExactly(1);
    assertThat(corpus.train().documents().get(0).read(89_999_999, 1))
        .containsExactly(89_999_999 % 97 + 1);
    assertThat(corpus.validation().documents().get(0).read(0, 2))
        .containsExactly(90_000_000 % 97 + 1, 0);
    assertThat(corpus.test().documents().get(0).read(0, 1)).containsExactly(95_000_000 % 97 + 1);
    assertThat(corpus.test().documents().get(0).read(4_999_999, 1))
        .containsExactly(99_999_999 % 97 + 1);
    assertThat(corpus.test().documents().get(0).name()).isEqualTo("enwik8 test");
    assertThat(Corpus.named(folder.resolve("enwik8").toString()).train().bytes())
        .isEqualTo(90_000_000);
  }

  @Test
  void otherLengthsNeedFractions() throws IOException {
    file("enwik8", "0123456789");
    assertThatThrownBy(() -> Enwik8.open(folder))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(folder.toString(), "has 10 bytes", "100000000", "fractions");
    Corpus corpus = Enwik8.open(folder, 0.55, 0.25);
    assertThat(text(corpus.train())).isEqualTo("01234");
    assertThat(text(corpus.validation())).isEqualTo("567");
    assertThat(text(corpus.test())).isEqualTo("89");
    assertThat(Enwik8.open(folder.resolve("enwik8"), 1, 0).test().documents()).isEmpty();
    assertThatThrownBy(() -> Enwik8.open(folder, 0.9, 0.2)).hasMessageContaining("at most 1");
    assertThatThrownBy(() -> Enwik8.open(folder, 0, 0.2)).hasMessageContaining("0.0 of the bytes");
  }

  @Test
  void enwik8IsReadFromItsArchive() throws IOException {
    Files.write(folder.resolve("enwik8.zip"), MediaFiles.zip("enwik8", "0123456789"));
    assertThat(text(Enwik8.open(folder, 0.5, 0.2).validation())).isEqualTo("56");
    Files.write(folder.resolve("enwik8.zip"), MediaFiles.zip("a", "0", "b", "1"));
    assertThatThrownBy(() -> Enwik8.open(folder, 0.5, 0.2))
        .hasMessageContainingAll("enwik8.zip", "2 files");
    assertThatThrownBy(() -> Enwik8.open(folder.resolve("gone")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("gone", "neither a file enwik8 nor enwik8.zip");
  }

  @Test
  void wikiTextIsOneDocumentASplit() throws IOException {
    file("wiki.train.tokens", "not this");
    file("wiki.train.raw", " \n = Title = \n \n Text . \n");
    file("wiki.valid.raw", "v");
    Corpus corpus = Corpus.named(folder.toString());
    assertThat(text(corpus.train())).startsWith(" \n = Title");
    assertThat(text(corpus.validation())).isEqualTo("v");
    assertThat(corpus.test().documents()).isEmpty();
    assertThat(corpus.train().documents().get(0).name()).isEqualTo("wiki.train.raw");
    Files.delete(folder.resolve("wiki.train.raw"));
    assertThat(text(WikiText.open(folder).train())).isEqualTo("not this");
  }

  @Test
  void wikiTextMayLieInItsArchivesFolder() throws IOException {
    file("wikitext-103-raw/wiki.train.raw", "t");
    file("wikitext-103-raw/wiki.test.raw", "test");
    assertThat(text(Layouts.open(folder).test())).isEqualTo("test");
    Files.writeString(folder.resolve("wikitext-103-raw/wiki.test.raw"), "");
    assertThatThrownBy(() -> WikiText.open(folder)).hasMessageContaining("the file is empty");
    Files.delete(folder.resolve("wikitext-103-raw/wiki.train.raw"));
    assertThatThrownBy(() -> WikiText.open(folder))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(folder.toString(), "wiki.train.raw", "wikitext-103-raw-v1.zip");
  }

  @Test
  void archivesOfSourceCodeAreOpenedByTheirPath() {
    Path code = ShippedData.require().folder().resolve("code");
    Path jar = code.resolve("commons-csv-1.10.0-sources.jar");
    Corpus corpus = Corpus.named(jar.toString());
    assertThat(corpus.train().documents())
        .isNotEmpty()
        .allMatch(document -> document.name().endsWith(".java"));
    assertThatThrownBy(() -> Corpus.named(code.toString()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("no train/", "FileTree.open");
  }

  @Test
  void layoutsAreNamed() {
    assertThat(Layouts.names().get("documents"))
        .contains("code", "enwik8", "jsonl", "pg19", "tree", "wikitext");
    assertThatThrownBy(() -> Layouts.open("nothing", folder))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("\"nothing\"", "pg19");
  }
}
