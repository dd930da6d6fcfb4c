package org.megalab.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.megalab.data.CatalogEntry.Kind;
import org.megalab.data.CatalogFile.Use;
import org.megalab.json.ConfigException;
import org.megalab.json.RecordJson;

class CatalogTest {
  @TempDir Path folder;

  @AfterEach
  void forgetThePlace() {
    System.clearProperty(Catalog.PROPERTY);
    System.clearProperty(ShippedData.PROPERTY);
  }

  private void file(String path, String text) throws IOException {
    Path file = folder.resolve(path);
    Files.createDirectories(file.resolveSibling("."));
    Files.writeString(file, text);
  }

  private static CatalogEntry entry(String name) {
    return Catalog.load().entry(name).orElseThrow();
  }

  @Test
  void holdsThePapersSets() {
    assertThat(Catalog.load().entries())
        .extracting(CatalogEntry::name)
        .contains(
            "pg19",
            "enwik8",
            "wikitext-103-raw",
            "imagenet64",
            "imagenet64-npz",
            "imagenet-1k",
            "speech-commands",
            "sc10",
            "lra-listops",
            "lra-text",
            "lra-retrieval",
            "lra-image",
            "lra-pathfinder",
            "lra-pathx",
            "pile",
            "sources");
    for (CatalogEntry entry : Catalog.load().entries()) {
      if (entry.files().stream().anyMatch(CatalogFile::isPublished)) {
        assertThat(entry.source()).as(entry.name()).isNotBlank();
      }
      if (entry.kind() == Kind.TEXT) {
        assertThat(Layouts.corpus(entry.layout())).as(entry.name()).isPresent();
      }
    }
  }

  @Test
  void everythingThatShipsIsThereAndWhole() {
    ShippedData data = ShippedData.require();
    List<CatalogEntry> shipped =
        Catalog.load().entries().stream().filter(CatalogEntry::shipped).toList();
    assertThat(shipped)
        .extracting(entry -> entry.folder().replaceFirst("/.*", ""))
        .containsOnlyOnceElementsOf(List.of("books", "latex", "code", "photos64", "fashion-mnist"))
        .containsAll(data.names().stream().filter(n -> data.lists(n)).toList());
    for (CatalogEntry entry : shipped) {
      Path place = Catalog.find(entry).orElseThrow();
      assertThat(place).isEqualTo(data.folder().resolve(entry.folder()).toAbsolutePath());
      assertThat(Catalog.verify(entry, place)).contains("every file is as in SHA256SUMS");
    }
  }

  @Test
  void whatIsMissingIsToldAndNotFetched() {
    System.setProperty(Catalog.PROPERTY, folder.toString());
    assertThat(Catalog.find(entry("enwik8"))).isEmpty();
    assertThatThrownBy(() -> Corpus.named("enwik8"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(
            "enwik8",
            "mattmahoney.net",
            "100,000,000 bytes",
            "sha1 57b8363b814821dc9d47aa4d41f58733519076b2",
            "enwik8.zip (instead), 36,445,475 bytes",
            folder.resolve("enwik8").toString(),
            "-Dmegalab.data=FOLDER",
            "MEGALAB_DATA",
            "90,000,000");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void setsAreOpenedWhereTheUserPutThem() throws IOException {
    System.setProperty(
        Catalog.PROPERTY, folder.resolve("one") + System.getProperty("path.separator") + folder);
    file("pg19/train/1.txt", "book");
    file("pg19/validation/2.txt", "b");
    assertThat(Catalog.find(entry("pg19"))).isEmpty(); // no test/
    file("pg19/test/3.txt", "bo");
    assertThat(Corpus.named("pg19").test().bytes()).isEqualTo(2);
    file("wikitext-103-raw/wikitext-103-raw/wiki.train.raw", "t");
    assertThat(Corpus.named("wikitext-103-raw").train().bytes()).isEqualTo(1);
    file("pile/train/00.jsonl", "{\"text\": \"xyz\"}");
    file("pile/val.jsonl", "{\"text\": \"v\"}");
    file("pile/test.jsonl", "{\"text\": \"t\"}");
    assertThat(Corpus.named("pile").train().bytes()).isEqualTo(3);
    file("one/sources/train/A.java", "class A {}");
    assertThat(Corpus.named("sources").train().bytes()).isEqualTo(10);
    Files.write(folder.resolve("one/x"), new byte[1]);
    file("enwik8/enwik8", "short");
    assertThatThrownBy(() -> Corpus.named("enwik8")).hasMessageContaining("has 5 bytes");
    assertThat(Corpus.named("books").train().documents()).hasSize(2); // still the shipped one
  }

  @Test
  void publishedLengthsAndChecksumsAreCompared() throws IOException {
    CatalogEntry entry =
        CatalogEntry.builder()
            .setName("mine")
            .setTitle("t")
            .setLayout("tree")
            .setSplits("s")
            .setSize("s")
            .setHome("example.org")
            .setLicence("l")
            .optFiles(
                List.of(
                    // printf a | md5sum, sha1sum, sha256sum
                    sum("m", "md5", "0cc175b9c0f1b6a831c399e269772661"),
                    sum("s", "sha1", "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8"),
                    CatalogFile.builder().setPath("free").build(),
                    CatalogFile.builder().setPath("z.zip").optUse(Use.ARCHIVE).optBytes(3).build()))
            .build();
    assertThatThrownBy(() -> Catalog.verify(entry, folder))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("nothing to compare");
    file("m", "a");
    file("s", "a");
    file("free", "?");
    assertThat(Catalog.verify(entry, folder))
        .contains("m: as published", "s: as published", "free: there; nobody", "z.zip: not there");
    file("s", "b");
    file("z.zip", "four");
    assertThatThrownBy(() -> Catalog.verify(entry, folder))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll(
            folder.resolve("s") + " has the sha1 e9d71f5ee7c92d6dc9e92ffdad17b8bd49418f98",
            "has 4 bytes instead of 3",
            "example.org");
  }

  private static CatalogFile sum(String path, String algorithm, String checksum) {
    return CatalogFile.builder()
        .setPath(path)
        .optAlgorithm(algorithm)
        .optChecksum(checksum)
        .build();
  }

  @Test
  void malformedEntriesAreRefused() {
    assertThatThrownBy(() -> sum("x", "md5", "123")).hasMessageContainingAll("x", "32 digits");
    assertThatThrownBy(() -> sum("x", "crc", "1")).hasMessageContaining("md5, sha1, sha256");
    assertThatThrownBy(() -> sum("../x", "", "")).hasMessageContaining("relative");
    assertThatThrownBy(() -> CatalogEntry.builder().setName("x").build())
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("layout");
    assertThatThrownBy(() -> CatalogEntry.builder().setName("a b").build())
        .hasMessageContaining("\"a b\"");
    CatalogEntry books = entry("books");
    assertThatThrownBy(() -> new Catalog(List.of(books, books))).hasMessageContaining("twice");
    assertThatThrownBy(() -> RecordJson.read(RecordJson.parse("{\"entires\": []}"), Catalog.class))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("entries");
  }
}
