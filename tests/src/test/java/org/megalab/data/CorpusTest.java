package org.megalab.data;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.megalab.data.file.Document;

class CorpusTest {
  @TempDir Path folder;

  @AfterEach
  void forgetThePlace() {
    System.clearProperty(ShippedData.PROPERTY);
  }

  private void file(String path, String text) throws IOException {
    Path file = folder.resolve(path);
    Files.createDirectories(file.resolveSibling("."));
    Files.writeString(file, text);
  }

  private static List<String> names(Split split) {
    return split.documents().stream().map(Document::name).toList();
  }

  @Test
  void opensTheLayoutOfPg19() throws IOException {
    file("train/b.txt", "bbb");
    file("train/a.tex", "aa");
    file("train/.hidden", "");
    file("train/nested/c.txt", "c");
    file("valid/v.txt", "v");
    file("test/t.txt", "tttt");
    file("metadata.csv", "");
    Corpus corpus = Corpus.open(folder);
    assertThat(corpus.name()).isEqualTo(String.valueOf(folder.getFileName()));
    assertThat(names(corpus.train())).containsExactly("a.tex", "b.txt");
    assertThat(corpus.train().bytes()).isEqualTo(5);
    assertThat(names(corpus.validation())).containsExactly("v.txt");
    assertThat(corpus.validation().name()).isEqualTo("validation");
    assertThat(corpus.test().bytes()).isEqualTo(4);
    assertThat(corpus.toString()).contains("train: 2 documents, 5 bytes");
  }

  @Test
  void splitsOtherThanTrainMayBeAbsent() throws IOException {
    file("train/a.txt", "a");
    Corpus corpus = Corpus.open(folder);
    assertThat(corpus.validation().documents()).isEmpty();
    assertThatThrownBy(() -> new SequentialWindows(corpus.test(), 4))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("test has no documents");
  }

  @Test
  void badFoldersAreExplained() throws IOException {
    assertThatThrownBy(() -> Corpus.open(folder.resolve("gone")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("gone", "no such folder", "train/");
    file("tarin/a.txt", "a");
    assertThatThrownBy(() -> Corpus.open(folder))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(folder.toString(), "holds tarin/", "expected train/");
    Files.createDirectories(folder.resolve("train/inner"));
    assertThatThrownBy(() -> Corpus.open(folder))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(folder.resolve("train").toString(), "no files", "holds inner/");
    file("train/empty.txt", "");
    assertThatThrownBy(() -> Corpus.open(folder))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(folder.resolve("train/empty.txt").toString(), "empty");
    assertThatThrownBy(() -> Corpus.of("none", List.of(), List.of(), List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("none");
  }

  @Test
  void splitsAreImmutable() {
    Document a = Document.of("a", "a".getBytes(US_ASCII));
    Corpus corpus = Corpus.of("toy", List.of(a), List.of(), List.of());
    assertThatThrownBy(() -> corpus.train().documents().add(a))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void shippedBooksAndLatexAreFoundAndWhole() {
    Corpus books = Corpus.shipped("books").verify();
    assertThat(names(books.train())).containsExactly("1342.txt", "2701.txt");
    assertThat(books.train().bytes()).isEqualTo(684768 + 1204997);
    assertThat(names(books.validation())).containsExactly("121.txt");
    assertThat(names(books.test())).containsExactly("105.txt");
    assertThat(names(Corpus.named("latex").verify().test())).containsExactly("testmath.tex");
    assertThat(ShippedData.require().names())
        .contains("books", "code", "fashion-mnist", "latex", "photos64", "speech");
  }

  @Test
  void allShippedDataAreWhole() {
    ShippedData data = ShippedData.require();
    data.names().forEach(data::verify);
  }

  @Test
  void namedTakesPathsToo() throws IOException {
    file("train/a.txt", "a");
    assertThat(Corpus.named(folder.toString()).train().bytes()).isEqualTo(1);
  }

  @Test
  void unknownNamesListTheKnown() {
    for (String name : new String[] {"bokos", "speech"}) {
      assertThatThrownBy(() -> Corpus.named(name))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll(name, "books", "latex");
    }
  }

  @Test
  void propertyDecidesWhereDataShip() throws IOException {
    System.setProperty(ShippedData.PROPERTY, folder.toString());
    assertThatThrownBy(() -> Corpus.shipped("books"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("not found", folder.toString(), ShippedData.PROPERTY);
    file("mine/train/a.txt", "a");
    // printf a | sha256sum
    file(
        "SHA256SUMS",
        "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb  ./mine/train/a.txt\n");
    Corpus mine = Corpus.shipped("mine").verify();
    file("mine/train/b.txt", "b");
    assertThatThrownBy(mine::verify)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("mine/train/b.txt (not listed)");
    file("mine/train/a.txt", "A");
    assertThatThrownBy(mine::verify)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("mine/train/a.txt (differs)");
    Files.delete(folder.resolve("mine/train/a.txt"));
    assertThatThrownBy(mine::verify)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("mine/train/a.txt (missing)");
  }

  @Test
  void onlyListedCorporaCanBeVerified() throws IOException {
    file("train/a.txt", "a");
    assertThatThrownBy(() -> Corpus.open(folder).verify())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("no checksums");
  }
}
