package org.megalab.data;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.megalab.data.file.Decoding;
import org.megalab.data.file.Document;
import org.megalab.data.file.MediaFiles;
import org.megalab.data.file.SpoolFiles;

class JsonLinesTest {
  @TempDir Path folder;

  private Path file(String name, String text) throws IOException {
    return file(name, text.getBytes(UTF_8));
  }

  private Path file(String name, byte[] bytes) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.resolveSibling("."));
    return Files.write(file, bytes);
  }

  private static List<String> texts(List<Document> documents) {
    return documents.stream()
        .map(document -> new String(document.read(0, (int) document.length()), UTF_8))
        .toList();
  }

  private static void assertRefused(Path file, String... parts) {
    Set<Path> before = SpoolFiles.now();
    assertThatThrownBy(() -> JsonLines.documents(List.of(file), "text", Decoding.DEFAULT))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContainingAll(parts);
    assertThat(before).containsAll(SpoolFiles.now());
  }

  @Test
  void opensTheLayoutOfThePile() throws IOException {
    file(
        "train/00.jsonl",
        """
        {"text": "one\\nline \\u00e9\\ud83d\\ude00", "meta": {"pile_set_name": "Pile-CC"}}
        {"meta": [1, {"text": "not this"}], "text": "two"}
        """);
    file(
        "train/01.jsonl.gz",
        MediaFiles.gzip(
            "{\"text\": \"\"}\n\n{\"text\": \"three\"}\r\n{\"text\": \"four\"}".getBytes(UTF_8)));
    file("train/notes.txt", "no JSON");
    file("val.jsonl", "{\"text\": \"v\"}\n");
    Corpus corpus = JsonLines.open(folder);
    assertThat(texts(corpus.train().documents()))
        .containsExactly("one\nline \u00e9\ud83d\ude00", "two", "three", "four");
    assertThat(corpus.train().documents())
        .extracting(Document::name)
        .containsExactly("00.jsonl#0", "00.jsonl#1", "01.jsonl.gz#0", "01.jsonl.gz#1");
    assertThat(texts(corpus.validation().documents())).containsExactly("v");
    assertThat(corpus.test().documents()).isEmpty();
    assertThat(corpus.name()).isEqualTo(String.valueOf(folder.getFileName()));
    assertThat(texts(Corpus.named(folder.toString()).train().documents())).hasSize(4);
  }

  @Test
  void otherFieldsAndNamesOfFiles() throws IOException {
    file("train.jsonl", "{\"content\": \"a\"}");
    file("valid.jsonl.gz", MediaFiles.gzip("{\"content\": \"b\"}".getBytes(UTF_8)));
    file("test/x.jsonl", "{\"content\": \"c\"}");
    Corpus corpus = JsonLines.open(folder, "content", Decoding.DEFAULT);
    assertThat(texts(corpus.train().documents())).containsExactly("a");
    assertThat(texts(corpus.validation().documents())).containsExactly("b");
    assertThat(texts(corpus.test().documents())).containsExactly("c");
  }

  @Test
  void malformedLinesAreNamed() throws IOException {
    String good = "{\"text\": \"good\"}\n"; // 17 bytes
    String[][] wrong = {
      {"{\"text\": \"cut", "malformed JSON (Unterminated string", "one object {...}"},
      {"{\"text\": \"x\",}", "malformed JSON"},
      {"{\"text\": \"x\"", "malformed JSON (End of input"},
      {"{'text': 'x'}", "malformed JSON"},
      {"{\"text\": \"x\"} {}", "malformed JSON (at line 1 column 16"},
      {"\"text\"", "a JSON string", "one object {...}"},
      {"[1]", "a JSON list"},
      {"{\"txt\": \"x\"}", "without the field \"text\"", "name the field"},
      {"{\"text\": 5}", "a number in the field \"text\"", "a string"},
      {"{\"text\": null}", "a null in the field \"text\""},
      {"{\"text\": [\"x\"]}", "a list in the field \"text\""},
      {"{\"text\": \"x\", \"text\": \"y\"}", "\"text\" twice"},
      {"{\"text\": \"\\ud800\"}", "half a surrogate pair"},
      {"{\"text\": \"\\x\"}", "malformed JSON"},
    };
    for (String[] line : wrong) {
      assertRefused(file("bad.jsonl", good + line[0] + "\n" + good), "line 2", "at byte 17");
      assertRefused(
          file("bad.jsonl.gz", MediaFiles.gzip((good + line[0]).getBytes(UTF_8))),
          "(decompressed), line 2",
          "at byte 17");
      assertRefused(file("bad.jsonl", good + line[0]), Arrays.copyOfRange(line, 1, line.length));
    }
  }

  @Test
  void badUtf8IsNamed() throws IOException {
    byte[] latin = "{\"text\": \"good\"}\n{\"text\": \"caf\u00e9\"}\n".getBytes(ISO_8859_1);
    // the byte e9 begins a character whose second byte, a quotation mark, cannot be
    assertRefused(file("latin.jsonl", latin), "line 2", "at byte 31", "UTF-8", "iconv");
  }

  @Test
  void damagedGzipLeavesNothing() throws IOException {
    byte[] gzip = MediaFiles.gzip("{\"text\": \"good\"}\n".repeat(1000).getBytes(UTF_8));
    assertRefused(file("cut.jsonl.gz", Arrays.copyOf(gzip, gzip.length - 4)), "cut off");
    gzip[gzip.length - 6] ^= 1;
    assertRefused(file("crc.jsonl.gz", gzip), "checksum");
  }

  @Test
  void badFoldersAreExplained() throws IOException {
    assertThatThrownBy(() -> JsonLines.open(folder))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(folder.toString(), "no split train", "train.jsonl");
    file("train/00.jsonl.zst", "zst");
    assertThatThrownBy(() -> JsonLines.open(folder))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("no file here ends in .jsonl", ".zst");
    file("train/00.jsonl", "{\"text\": \"\"}");
    assertThatThrownBy(() -> JsonLines.open(folder))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("split train has no documents");
    file("train/00.jsonl", "{\"text\": \"more than five\"}");
    assertThatThrownBy(() -> JsonLines.open(folder, "text", Decoding.DEFAULT.withMaximum(5)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("00.jsonl", "more than 5 bytes");
  }
}
