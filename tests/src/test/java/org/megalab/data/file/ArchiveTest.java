package org.megalab.data.file;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.megalab.data.ShippedData;

class ArchiveTest {
  @TempDir Path folder;

  private static byte[] stored(String name, String text) throws IOException {
    byte[] bytes = text.getBytes(UTF_8);
    CRC32 crc = new CRC32();
    crc.update(bytes);
    ZipEntry entry = new ZipEntry(name);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(bytes.length);
    entry.setCrc(crc.getValue());
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(out)) {
      zip.putNextEntry(entry);
      zip.write(bytes);
      zip.closeEntry();
    }
    return out.toByteArray();
  }

  private Path file(byte[] bytes) throws IOException {
    return Files.write(folder.resolve("test.zip"), bytes);
  }

  private List<Document> open(byte[] bytes) throws IOException {
    return Archive.documents(file(bytes), member -> true, Decoding.DEFAULT);
  }

  private void assertRefused(byte[] bytes, String... parts) throws IOException {
    Path file = file(bytes);
    Set<Path> before = SpoolFiles.now();
    assertThatThrownBy(() -> Archive.documents(file, member -> true, Decoding.DEFAULT))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContainingAll(parts);
    assertThat(before).containsAll(SpoolFiles.now());
  }

  /** Where a text is in the archive, from its end. */
  private static int last(byte[] zip, String text) {
    return new String(zip, ISO_8859_1).lastIndexOf(text);
  }

  private static byte[] replaced(byte[] zip, String text, String by) {
    return new String(zip, ISO_8859_1).replace(text, by).getBytes(ISO_8859_1);
  }

  private static byte[] with(byte[] zip, int offset, int... values) {
    byte[] changed = zip.clone();
    for (int i = 0; i < values.length; i++) {
      changed[offset + i] = (byte) values[i];
    }
    return changed;
  }

  private static String text(Document document) {
    return new String(document.read(0, (int) document.length()), UTF_8);
  }

  @Test
  void membersAreDocumentsByName() throws IOException {
    byte[] zip =
        MediaFiles.zip("b/two.txt", "second", "folder/", "", "empty.txt", "", "a.txt", "first");
    List<Document> documents = open(zip);
    assertThat(documents)
        .extracting(Document::name)
        .containsExactly("test.zip!/a.txt", "test.zip!/b/two.txt");
    assertThat(documents).extracting(ArchiveTest::text).containsExactly("first", "second");
    assertThat(Archive.documents(file(zip), name -> name.startsWith("b"), Decoding.DEFAULT))
        .hasSize(1);
    assertThat(open(stored("s", "stored"))).extracting(ArchiveTest::text).containsExactly("stored");
    assertThat(open(MediaFiles.zip())).isEmpty();
  }

  @Test
  void readsWhatTheJdkReads() throws IOException {
    for (String jar :
        List.of("commons-csv-1.10.0-sources.jar", "commons-lang3-3.14.0-sources.jar")) {
      Path file = ShippedData.require().folder().resolve("code").resolve(jar);
      List<Document> documents = Archive.documents(file, member -> true, Decoding.DEFAULT);
      try (ZipFile zip = new ZipFile(file.toFile())) {
        int members = 0;
        for (ZipEntry entry : Collections.list(zip.entries())) {
          if (entry.getSize() == 0) {
            continue;
          }
          members++;
          Document document =
              documents.stream()
                  .filter(d -> d.name().equals(jar + "!/" + entry.getName()))
                  .findFirst()
                  .orElseThrow();
          assertThat(document.read(0, (int) document.length()))
              .isEqualTo(zip.getInputStream(entry).readAllBytes());
        }
        assertThat(documents).hasSize(members).hasSizeGreaterThan(10);
      }
    }
  }

  @Test
  void zip64IsRead() throws IOException {
    byte[] zip = stored("a", "hello");
    int central = last(zip, "PK\1\2");
    int end = last(zip, "PK\5\6");
    byte[] header = Arrays.copyOfRange(zip, central, end);
    // sizes and offset of the member in a Zip64 field of 28 bytes
    header = Arrays.copyOf(header, header.length + 28);
    Arrays.fill(header, 20, 28, (byte) -1);
    header[30] = 28;
    Arrays.fill(header, 42, 46, (byte) -1);
    System.arraycopy(new byte[] {1, 0, 24, 0, 5, 0, 0, 0, 0, 0, 0, 0, 5}, 0, header, 47, 13);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(zip, 0, central);
    out.write(header);
    int wide = out.size();
    byte[] end64 = new byte[56];
    System.arraycopy(new byte[] {'P', 'K', 6, 6, 44}, 0, end64, 0, 5);
    end64[24] = 1;
    end64[32] = 1;
    end64[40] = (byte) header.length;
    end64[48] = (byte) central;
    out.write(end64);
    byte[] locator = new byte[20];
    System.arraycopy(new byte[] {'P', 'K', 6, 7, 0, 0, 0, 0, (byte) wide}, 0, locator, 0, 9);
    locator[16] = 1;
    out.write(locator);
    byte[] last = Arrays.copyOfRange(zip, end, zip.length);
    Arrays.fill(last, 8, 20, (byte) -1);
    out.write(last);
    assertThat(open(out.toByteArray())).extracting(ArchiveTest::text).containsExactly("hello");
  }

  @ParameterizedTest
  @ValueSource(strings = {"../up.txt", "/abs.txt", "C:/x.txt", "a\\b.txt", "a/../b.t", "a/b/..xy"})
  void namesThatLeadOutAreRefused(String name) throws IOException {
    if (name.endsWith("..xy")) {
      assertThat(open(MediaFiles.zip(name, "fine")))
          .hasSize(1); // two dots within a name are not a way out
    } else {
      assertRefused(
          MediaFiles.zip("good", "x", name, "bad"), "!/" + name, "leads out", "do not use");
    }
  }

  @Test
  void twoMembersOfOneNameAreRefused() throws IOException {
    byte[] zip = replaced(MediaFiles.zip("same1", "x", "same2", "y"), "same2", "same1");
    assertRefused(zip, "!/same1", "at byte ", "a second member");
  }

  @Test
  void encryptedMembersAreRefused() throws IOException {
    byte[] zip = MediaFiles.zip("secret", "x");
    int central = last(zip, "PK\1\2");
    assertRefused(with(zip, central + 8, 9), "!/secret", "at byte " + central, "encrypted");
  }

  @Test
  void unknownMethodsAreRefused() throws IOException {
    byte[] zip = MediaFiles.zip("new", "x");
    assertRefused(with(zip, last(zip, "PK\1\2") + 10, 93), "!/new", "method 93", "pack it again");
  }

  @Test
  void declaredLengthsHold() throws IOException {
    byte[] zip = MediaFiles.zip("liar", "x".repeat(10_000));
    int size = last(zip, "PK\1\2") + 24;
    assertRefused(with(zip, size, 10, 0), "!/liar", "more than 10 bytes", "10 bytes, as");
    assertRefused(with(zip, size, 0x11, 0x27), "!/liar", "found 10000 bytes", "expected 10001");
    byte[] stored = stored("s", "stored");
    assertRefused(with(stored, last(stored, "PK\1\2") + 24, 7), "!/s", "7 bytes in 6 compressed");
  }

  @Test
  void bombsAreStopped() throws IOException {
    Path bomb =
        file(MediaFiles.zip("zeros", "\0".repeat(3_000_000), "more", "\0".repeat(3_000_000)));
    assertThatThrownBy(
            () -> Archive.documents(bomb, m -> true, Decoding.DEFAULT.withMaximum(5_999_999)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(bomb.toString(), "more than 5999999 bytes", "raise the maximum");
    assertThat(Archive.documents(bomb, m -> true, Decoding.DEFAULT.withMaximum(6_000_000)))
        .hasSize(2);
  }

  @Test
  void overlappingMembersAreRefused() throws IOException {
    byte[] zip = MediaFiles.zip("x1", "one", "x2", "two");
    // the second entry points at the first one's header
    byte[] moved = with(zip, last(zip, "PK\1\2") + 42, 0, 0, 0, 0);
    assertRefused(moved, "!/x2", "a header of another name");
    // the first member's data reach into the second
    int first = new String(zip, ISO_8859_1).indexOf("PK\1\2");
    assertRefused(with(zip, first + 20, 60), "!/x2", "overlap");
  }

  @Test
  void changedBytesAreFound() throws IOException {
    byte[] stored = stored("s", "stored text");
    assertRefused(
        with(stored, last(stored, "stored text"), 'S'), "!/s", "checksum", "fetch it again");
    byte[] zip = MediaFiles.zip("d", "deflated deflated");
    assertRefused(with(zip, 31, 7), "!/d", "damaged data");
  }

  @Test
  void everyTruncationIsFound() throws IOException {
    byte[] whole = MediaFiles.zip("a.txt", "first first first", "b.txt", "second");
    for (int length = 1; length < whole.length; length++) {
      assertRefused(Arrays.copyOf(whole, length), "at byte ");
    }
    assertRefused(Arrays.copyOf(whole, whole.length - 1), "cut off", "fetch it again");
    assertRefused(Arrays.copyOf(whole, whole.length + 3), "at byte " + (whole.length + 3));
  }

  @Test
  void wrongMagicIsShown() throws IOException {
    assertRefused(
        "no archive at all, but text".getBytes(UTF_8), "at byte 0", "6e 6f 20 61", "50 4b");
    assertRefused(MediaFiles.gzip("x".repeat(99).getBytes(UTF_8)), "1f 8b 08", "no archive");
    assertThatThrownBy(() -> Archive.documents(folder.resolve("gone"), m -> true, Decoding.DEFAULT))
        .hasMessageContaining("no such file");
  }

  @Test
  void aChangeAnywhereIsFoundOrHarmless() throws IOException {
    byte[] whole = MediaFiles.zip("a.txt", "first first first", "b.txt", "second");
    List<String> expected = List.of("first first first", "second");
    int refused = 0;
    for (int i = 0; i < whole.length; i++) {
      try {
        assertThat(open(with(whole, i, whole[i] ^ 0x41)))
            .extracting(ArchiveTest::text)
            .isEqualTo(expected); // a time, an attribute, a version
      } catch (IllegalArgumentException e) {
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(whole.length / 2);
  }
}
