package org.megalab.data.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.megalab.data.ShippedData;

/** The archives in the resources were written by numpy 2.4. */
class NpzFileTest {
  @TempDir Path folder;

  private static Path resource(String name) throws URISyntaxException {
    return Path.of(Objects.requireNonNull(NpzFileTest.class.getResource("/media/" + name)).toURI());
  }

  private static void assertFault(Path path, long offset, String... parts) {
    assertThatThrownBy(() -> NpzFile.open(path).array("data"))
        .isInstanceOfSatisfying(
            MalformedFileException.class,
            e -> {
              assertThat(e.offset()).isEqualTo(offset);
              assertThat(e.file()).startsWith(path.toString());
            })
        .hasMessageContainingAll(parts);
  }

  @ParameterizedTest
  @ValueSource(strings = {"arrays.npz", "arrays-compressed.npz", "arrays-zip64.npz"})
  void readsWhatNumpyWrites(String name) throws URISyntaxException {
    NpzFile file = NpzFile.open(resource(name));
    assertThat(file.names())
        .containsExactlyInAnyOrder(
            "bytes", "int32", "int64", "float32", "float64", "number", "fortran", "big", "words",
            "none");
    NpyFile bytes = file.array("bytes");
    assertThat(bytes.type()).isEqualTo(NpyFile.Type.UINT8);
    assertThat(bytes.shape()).containsExactly(3, 4);
    assertThat(bytes.size()).isEqualTo(3);
    assertThat(bytes.itemLength()).isEqualTo(4);
    assertThat(bytes.bytes(2)).containsExactly(160, 180, 200, 220);
    assertThat(bytes.numbers(1, 2)).containsExactly(80, 100, 120, 140, 160, 180, 200, 220);
    assertThat(file.array("int32").integers(0, 2)).containsExactly(1, -2, 3, Integer.MAX_VALUE);
    assertThat(file.array("int64").integers(0, 2)).containsExactly(-(1L << 62), 5);
    assertThat(file.array("int64").numbers(1, 1)).containsExactly(5);
    assertThat(file.array("float32").numbers(0, 2)).containsExactly(0.5, -1.25);
    assertThat(file.array("float64").numbers(0, 2)).containsExactly(Math.PI, -1e300);
    assertThat(file.array("number").shape()).isEmpty();
    assertThat(file.array("number").numbers(0, 1)).containsExactly(7.5);
    assertThat(file.array("none").size()).isZero();
    assertThat(file.array("none").itemLength()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"arrays.npz", "arrays-compressed.npz", "arrays-zip64.npz"})
  void refusesOtherOrdersAndTypes(String name) throws URISyntaxException {
    NpzFile file = NpzFile.open(resource(name));
    assertThatThrownBy(() -> file.array("fortran"))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageContainingAll(
            name + "!/fortran.npy", "'fortran_order': True", "numpy.ascontiguousarray");
    assertThatThrownBy(() -> file.array("big")).hasMessageContainingAll("'>i8'", "<i8", "astype");
    assertThatThrownBy(() -> file.array("words")).hasMessageContaining("'<U2'");
    assertThatThrownBy(() -> file.array("gone")).hasMessageContainingAll("bytes", "'gone'");
    assertThatThrownBy(() -> file.array("float32").bytes(0))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("FLOAT32");
    assertThatThrownBy(() -> file.array("float32").integers(0, 1))
        .hasMessageContaining("no integers");
    assertThatThrownBy(() -> file.array("bytes").bytes(3))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessageContaining("there are 3");
    assertThatThrownBy(() -> file.array("bytes").numbers(2, 2))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void storedMembersAreReadWhereTheyLie() throws IOException, URISyntaxException {
    Path copy = Files.copy(resource("arrays.npz"), folder.resolve("copy.npz"));
    NpyFile bytes = NpzFile.open(copy).array("bytes");
    byte[] all = Files.readAllBytes(copy);
    int at = indexOf(all, new byte[] {80, 100, 120, (byte) 140});
    all[at] = 81;
    Files.write(copy, all);
    assertThat(bytes.bytes(1)[0]).isEqualTo((byte) 81);
  }

  @Test
  void shippedPhotosHaveTheirMean() {
    Path photos = ShippedData.require().folder().resolve("photos64/train_data_batch_1.npz");
    NpyFile mean = NpzFile.open(photos).array("mean");
    double[] numbers = mean.numbers(0, mean.size());
    assertThat(numbers[0]).isEqualTo(122.31481481481481);
    assertThat(numbers[12287]).isEqualTo(55.2962962962963);
  }

  @Test
  void cutOffArchivesAreRefused() throws IOException, URISyntaxException {
    byte[] whole = Files.readAllBytes(resource("arrays-compressed.npz"));
    for (int length : new int[] {whole.length - 1, whole.length - 30, 1000, 21}) {
      Path cut = MediaFiles.write(folder.resolve(length + ".npz"), Arrays.copyOf(whole, length));
      assertFault(cut, length, "without its directory", "cut off");
    }
    assertThatThrownBy(() -> NpzFile.open(folder.resolve("none.npz")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("none.npz", "no such file");
  }

  @Test
  void damagedMembersAreRefusedWhole() {
    byte[] npy = MediaFiles.npy("|u1", "1000,", MediaFiles.ramp(1000));
    byte[] zip = MediaFiles.zip(Map.of("data.npy", npy));
    zip[100] ^= 0x10; // in the packed data
    Path damaged = MediaFiles.write(folder.resolve("damaged.npz"), zip);
    assertThatThrownBy(() -> NpzFile.open(damaged).array("data"))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageContainingAll("damaged.npz!/data.npy", "fetch it again");
    byte[] wrong = MediaFiles.zip(Map.of("data.npy", npy));
    int entry = indexOf(wrong, MediaFiles.text("PK\u0001\u0002"));
    wrong[entry + 16] ^= 1;
    Path sum = MediaFiles.write(folder.resolve("sum.npz"), wrong);
    assertThatThrownBy(() -> NpzFile.open(sum).array("data"))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageContaining("the checksum " + MediaFiles.crc(npy));
  }

  @Test
  void promisesAreCompared() {
    byte[] zip = MediaFiles.zip(Map.of("data.npy", MediaFiles.npy("|u1", "9,", new byte[9])));
    int entry = indexOf(zip, MediaFiles.text("PK\u0001\u0002"));
    byte[] huge = zip.clone();
    Arrays.fill(huge, entry + 24, entry + 28, (byte) 0x7F); // unpacks to 2 GB
    assertFault(
        MediaFiles.write(folder.resolve("huge.npz"), huge),
        38,
        "shall unpack to 2139062143",
        "1032");
    int length = MediaFiles.npy("|u1", "9,", new byte[9]).length;
    byte[] longer = zip.clone();
    longer[entry + 24]++;
    Path path = MediaFiles.write(folder.resolve("longer.npz"), longer);
    assertThatThrownBy(() -> NpzFile.open(path).array("data"))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageContainingAll("found %d bytes".formatted(length), "expected " + (length + 1));
    byte[] packed = zip.clone();
    Arrays.fill(packed, entry + 20, entry + 24, (byte) 0x7F);
    assertFault(
        MediaFiles.write(folder.resolve("packed.npz"), packed), entry, "in 2139062143 compressed");
    byte[] method = zip.clone();
    method[entry + 10] = 12;
    assertFault(
        MediaFiles.write(folder.resolve("method.npz"), method), entry, "method 12", "deflated");
  }

  @Test
  void badHeadersOfArraysAreExplained() {
    assertNpy(MediaFiles.text("\u0093NUMBY\1\0"), 0, "\\x93NUMBY", "numpy.save");
    assertNpy(MediaFiles.text("no"), 0, "\"no\"", "\\x93NUMPY");
    assertNpy(MediaFiles.text("\u0093NUMPY\7\0"), 6, "version 7");
    assertNpy(MediaFiles.text("\u0093NUMPY\1\0\u00ff\u00ff"), 10, "end of the file", "65535 bytes");
    assertNpy(
        MediaFiles.text("\u0093NUMPY\2\0\u00ff\u00ff\u00ff\u007f"), 8, "2147483647 bytes", "65536");
    assertNpy(MediaFiles.npy("|u1", "4294967296, 4294967296", new byte[1]), 10, "4294967296");
    byte[] square = MediaFiles.npy("<f8", "2147483647, 2147483647", new byte[1]);
    assertNpy(square, square.length - 1, "1 bytes of data", "2^63 or more");
    byte[] five = MediaFiles.npy("|u1", "2, 3", new byte[5]);
    assertNpy(five, five.length - 5, "5 bytes", "6 for the shape [2, 3]");
    byte[] seven = MediaFiles.npy("|u1", "2, 3", new byte[7]);
    assertNpy(seven, seven.length - 7, "7 bytes", "6 for the shape [2, 3]");
    assertNpy(MediaFiles.npy("|O", "2", new byte[2]), 10, "'|O'", "|u1");
    assertNpy(MediaFiles.npy("|u1", "two", new byte[2]), 10, "'shape'");
  }

  private void assertNpy(byte[] bytes, long offset, String... parts) {
    Path path = MediaFiles.write(folder.resolve("a.npy"), bytes);
    assertThatThrownBy(() -> NpyFile.open(path))
        .isInstanceOfSatisfying(
            MalformedFileException.class, e -> assertThat(e.offset()).isEqualTo(offset))
        .hasMessageContaining(path.toString())
        .hasMessageContainingAll(parts);
  }

  @Test
  void plainArraysAreOpenedToo() {
    Path path =
        MediaFiles.write(
            folder.resolve("a.npy"),
            MediaFiles.npy("<i4", "3, 1", MediaFiles.little(8, 7)),
            MediaFiles.little(4, -1));
    NpyFile file = NpyFile.open(path);
    assertThat(file.integers(0, 3)).containsExactly(7, 0, -1);
    assertThat(file.shape()).isEqualTo(List.of(3, 1));
    assertThat(file.offset(2)).isEqualTo(file.offset(0) + 8);
  }

  /** Behind 2³¹ bytes, in a file that takes no room on the disk. */
  @Test
  void longArraysAreReadAtTheirEnd() throws IOException {
    byte[] header = MediaFiles.npy("|u1", "300000, 10000", new byte[0]);
    Path path = MediaFiles.write(folder.resolve("long.npy"), header);
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.setLength(header.length + 3_000_000_000L);
      file.seek(header.length + 2_999_999_999L);
      file.write(77);
    }
    byte[] last = NpyFile.open(path).bytes(299_999);
    assertThat(last[9_999]).isEqualTo((byte) 77);
    assertThat(last[9_998]).isZero();
    assertThat(NpyFile.open(path).offset(299_999)).isEqualTo(header.length + 2_999_990_000L);
  }

  private static int indexOf(byte[] bytes, byte[] part) {
    for (int i = 0; ; i++) {
      if (Arrays.equals(bytes, i, i + part.length, part, 0, part.length)) {
        return i;
      }
    }
  }
}
