package org.megalab.data.file;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.Set;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DocumentGzipTest {
  @TempDir Path folder;

  private Path file(String name, byte[]... parts) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.write(part);
    }
    return Files.write(folder.resolve(name), all.toByteArray());
  }

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  private static void assertRefused(Path file, String... parts) {
    Set<Path> before = SpoolFiles.now();
    assertThatThrownBy(() -> Document.gzip(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContainingAll(parts);
    assertThat(before).containsAll(SpoolFiles.now());
  }

  @Test
  void readsAnywhereInWhatWasCompressed() throws IOException {
    byte[] bytes = random(200_000);
    Document document = Document.gzip(file("book.txt.gz", MediaFiles.gzip(bytes)));
    assertThat(document.name()).isEqualTo("book.txt");
    assertThat(document.length()).isEqualTo(bytes.length);
    assertThat(document.read(0, bytes.length)).isEqualTo(bytes);
    assertThat(document.read(131_071, 3))
        .containsExactly(bytes[131_071], bytes[131_072], bytes[131_073]);
    assertThatThrownBy(() -> document.read(bytes.length - 1, 2))
        .hasMessageContainingAll("book.txt", "200000 bytes");
  }

  @Test
  void membersFollowEachOther() throws IOException {
    byte[] a = random(70_000);
    byte[] b = "and more".getBytes(UTF_8);
    Document document =
        Document.gzip(
            file("two.gz", MediaFiles.gzip(a), MediaFiles.gzip(new byte[0]), MediaFiles.gzip(b)));
    assertThat(document.length()).isEqualTo(a.length + b.length);
    assertThat(document.read(a.length, b.length)).isEqualTo(b);
  }

  @Test
  void headersWithAllTheirPartsAreRead() throws IOException {
    byte[] plain = MediaFiles.gzip("text".getBytes(UTF_8));
    ByteArrayOutputStream header = new ByteArrayOutputStream();
    // flags: header checksum 2, extra 4, name 8, comment 16
    header.write(new byte[] {0x1f, (byte) 0x8b, 8, 30, 0, 0, 0, 0, 0, 3});
    header.write(new byte[] {5, 0, 'e', 'x', 't', 'r', 'a'});
    header.write("name\0comment\0".getBytes(UTF_8));
    CRC32 crc = new CRC32();
    crc.update(header.toByteArray());
    byte[] body = Arrays.copyOfRange(plain, 10, plain.length);
    byte[] sum = {(byte) crc.getValue(), (byte) (crc.getValue() >> 8)};
    Document document = Document.gzip(file("full.gz", header.toByteArray(), sum, body));
    assertThat(new String(document.read(0, 4), UTF_8)).isEqualTo("text");
    sum[1]++;
    assertRefused(
        file("bad.gz", header.toByteArray(), sum, body),
        "at byte " + header.size(),
        "checksum of the header");
  }

  @Test
  void everyTruncationIsFound() throws IOException {
    byte[] whole =
        MediaFiles.gzip("a text that is long enough to be compressed, compressed".getBytes(UTF_8));
    for (int length = 1; length < whole.length; length++) {
      assertRefused(
          file("cut.gz", Arrays.copyOf(whole, length)), "at byte " + length, "cut off", "fetch");
    }
  }

  @Test
  void wrongMagicIsShown() throws IOException {
    assertRefused(
        file("plain.gz", "plain text".getBytes(UTF_8)), "at byte 0", "70 6c", "1f 8b", ".gz off");
  }

  @Test
  void trailingGarbageIsFound() throws IOException {
    byte[] whole = MediaFiles.gzip(random(1000));
    assertRefused(
        file("more.gz", whole, "junk".getBytes(UTF_8)),
        "at byte " + whole.length,
        "6a 75",
        "another gzip member",
        "appended");
  }

  @Test
  void changedBytesAreFound() throws IOException {
    byte[] whole = MediaFiles.gzip(random(1000)); // stored as it cannot be compressed
    byte[] flipped = whole.clone();
    flipped[500] ^= 1;
    assertRefused(file("flip.gz", flipped), "at byte " + (whole.length - 8), "checksum");
    byte[] longer = whole.clone();
    longer[whole.length - 1]++;
    assertRefused(file("long.gz", longer), "at byte " + (whole.length - 4), "length, modulo 2^32");
    byte[] method = whole.clone();
    method[2] = 7;
    assertRefused(file("method.gz", method), "at byte 2", "the method 7");
    byte[] flags = whole.clone();
    flags[3] = (byte) 0x80;
    assertRefused(file("flags.gz", flags), "at byte 3", "flags 128");
    byte[] block = whole.clone();
    block[10] = 7; // a block type that does not exist
    assertRefused(file("block.gz", block), "damaged data", "invalid block type");
  }

  @Test
  void nothingAndEmptyAreRefused() throws IOException {
    assertRefused(
        file("empty.gz", MediaFiles.gzip(new byte[0])), "decompressed, the file is empty");
    assertRefused(file("none.gz"), "the file is empty");
    assertThatThrownBy(() -> Document.gzip(folder.resolve("gone.gz")))
        .hasMessageContaining("no such file");
  }

  @Test
  void bombsAreStopped() throws IOException {
    Path bomb = file("bomb.gz", MediaFiles.gzip(new byte[5_000_000]));
    assertThat(Files.size(bomb)).isLessThan(10_000);
    Set<Path> before = SpoolFiles.now();
    assertThatThrownBy(() -> Document.gzip(bomb, Decoding.DEFAULT.withMaximum(4_999_999)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(bomb.toString(), "more than 4999999 bytes", "raise the maximum");
    assertThat(before).containsAll(SpoolFiles.now());
    assertThat(Document.gzip(bomb, Decoding.DEFAULT.withMaximum(5_000_000)).length())
        .isEqualTo(5_000_000);
  }

  @Test
  void textMayHaveToBeUtf8() throws IOException {
    byte[] text = "caf\u00e9 \ud83d\ude00".getBytes(UTF_8);
    Decoding decoding = Decoding.DEFAULT.withUtf8();
    assertThat(Document.gzip(file("good.gz", MediaFiles.gzip(text)), decoding).length())
        .isEqualTo(text.length);
    Path cut = file("cut.gz", MediaFiles.gzip(Arrays.copyOf(text, text.length - 1)));
    assertThatThrownBy(() -> Document.gzip(cut, decoding))
        .hasMessageContainingAll("cut.gz (decompressed)", "at byte 9", "UTF-8");
    assertThat(Document.gzip(cut).length()).isEqualTo(text.length - 1);
  }
}
