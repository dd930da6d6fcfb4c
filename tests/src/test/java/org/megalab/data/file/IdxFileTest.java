package org.megalab.data.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdxFileTest {
  private static final byte[] IDX = MediaFiles.idx(MediaFiles.ramp(24), 4, 2, 3);

  @TempDir Path folder;

  private void assertFault(byte[] bytes, long offset, String... parts) {
    Path path = MediaFiles.write(folder.resolve("a-idx3-ubyte"), bytes);
    assertThatThrownBy(() -> IdxFile.open(path))
        .isInstanceOfSatisfying(
            MalformedFileException.class, e -> assertThat(e.offset()).isEqualTo(offset))
        .hasMessageContaining(path.toString())
        .hasMessageContainingAll(parts);
  }

  @Test
  void readsPlainAndGzipped() {
    for (byte[] bytes : new byte[][] {IDX, MediaFiles.gzip(IDX)}) {
      IdxFile file = IdxFile.open(MediaFiles.write(folder.resolve("x"), bytes));
      assertThat(file.shape()).containsExactly(4, 2, 3);
      assertThat(file.size()).isEqualTo(4);
      assertThat(file.itemLength()).isEqualTo(6);
      assertThat(file.offset(1)).isEqualTo(22);
      assertThat(file.item(3)).containsExactly(18, 19, 20, 21, 22, 23);
      assertThat(file.item(0)).containsExactly(0, 1, 2, 3, 4, 5);
      assertThatThrownBy(() -> file.item(4))
          .isInstanceOf(IndexOutOfBoundsException.class)
          .hasMessageContaining("there are 4");
    }
  }

  @Test
  void aFileThatChangedIsUnpackedAgain() {
    Path path = folder.resolve("y.gz");
    MediaFiles.write(path, MediaFiles.gzip(MediaFiles.idx(new byte[] {1, 2}, 2)));
    assertThat(IdxFile.open(path).item(1)).containsExactly(2);
    MediaFiles.write(path, MediaFiles.gzip(MediaFiles.idx(new byte[] {7, 8, 9}, 3)));
    assertThat(IdxFile.open(path).item(1)).containsExactly(8);
  }

  @Test
  void damageIsExplained() {
    assertFault(MediaFiles.text("nonsense"), 0, "\"nons\"", "no IDX");
    assertFault(new byte[] {0, 0, 13, 1, 0, 0, 0, 0}, 2, "0x0d", "0x08");
    assertFault(new byte[] {0, 0, 8, 0}, 3, "0 dimensions");
    assertFault(new byte[] {0, 0, 8, 9}, 3, "9 dimensions");
    assertFault(new byte[] {0, 0, 8, 2, 0, 0}, 4, "the end of the file at byte 6");
    assertFault(Arrays.copyOf(IDX, IDX.length - 1), 16, "23 bytes", "24 for the shape [4, 2, 3]");
    assertFault(MediaFiles.join(IDX, new byte[1]), 16, "25 bytes", "24");
    assertFault(MediaFiles.idx(new byte[3], 1 << 31, 28, 28), 4, "2147483648");
    assertFault(MediaFiles.idx(new byte[3], 2147483647, 28, 28), 16, "3 bytes", "1683627179");
    assertFault(MediaFiles.idx(new byte[3], 1, 1 << 30, 4), 4, "4294967296 bytes");
    assertFault(MediaFiles.idx(new byte[3], 0, 28), 4, "a dimension of 0");
  }

  @Test
  void damagedGzipIsExplained() {
    byte[] gzip = MediaFiles.gzip(MediaFiles.idx(MediaFiles.ramp(5000), 50, 100));
    assertFault(Arrays.copyOf(gzip, gzip.length - 3), gzip.length - 3, "the end", "the rest of");
    assertFault(
        Arrays.copyOf(gzip, gzip.length - 40), gzip.length - 40, "the end", "more compressed data");
    assertFault(Arrays.copyOf(gzip, 5), 5, "cut off", "fetch it again");
    byte[] sum = gzip.clone();
    sum[gzip.length - 6] ^= 1;
    assertFault(sum, gzip.length - 8, "the checksum");
    byte[] flipped = gzip.clone();
    flipped[2] = 7;
    assertFault(flipped, 2, "the method 7");
    byte[] promise = MediaFiles.gzip(MediaFiles.idx(new byte[100], 2147483647, 28, 28));
    assertFault(promise, 16, "100 bytes of data", "1683627179");
    byte[] more = MediaFiles.gzip(MediaFiles.idx(new byte[101], 100));
    assertFault(more, 8, "101 bytes of data", "100 for the shape [100]");
    byte[] fewer = MediaFiles.gzip(MediaFiles.idx(new byte[99], 100));
    assertFault(fewer, 8, "99 bytes of data", "100 for the shape [100]");
  }
}
