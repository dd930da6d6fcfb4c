package org.megalab.data.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every format cut off everywhere, and with bits flipped at random. */
class DamageTest {
  @TempDir Path folder;

  static Stream<Arguments> formats() throws IOException {
    byte[] npy = MediaFiles.npy("|u1", "10, 6", MediaFiles.ramp(60));
    byte[] labels = MediaFiles.npy("<i8", "2,", new byte[16]);
    byte[] idx = MediaFiles.idx(MediaFiles.ramp(60), 10, 2, 3);
    ByteArrayOutputStream jpeg = new ByteArrayOutputStream();
    BufferedImage image = new BufferedImage(40, 30, BufferedImage.TYPE_INT_RGB);
    for (int p = 0; p < 1200; p++) {
      image.setRGB(p % 40, p / 40, 7919 * p);
    }
    ImageIO.write(image, "jpeg", jpeg);
    return Stream.of(
        format("npy", npy, path -> NpyFile.open(path).bytes(9)),
        format(
            "npz",
            MediaFiles.zip(Map.of("data.npy", npy, "labels.npy", labels)),
            path -> {
              NpzFile.open(path).array("data").bytes(9);
              NpzFile.open(path).array("labels").integers(0, 2);
            }),
        format("idx", idx, path -> IdxFile.open(path).item(9)),
        format("idx.gz", MediaFiles.gzip(idx), path -> IdxFile.open(path).item(9)),
        format("png", MediaFiles.rgbPng(5, MediaFiles.ramp(75)), ImageFile::read),
        format("JPEG", jpeg.toByteArray(), ImageFile::read),
        format(
            "wav",
            MediaFiles.wav(
                MediaFiles.chunk("LIST", new byte[5]),
                MediaFiles.chunk("fmt ", MediaFiles.format(1, 2, 8000, 16)),
                MediaFiles.chunk("data", MediaFiles.ramp(40))),
            path -> {
              WavFile file = WavFile.open(path);
              file.mono(0, (int) file.frames());
            }),
        format(
            "tsv",
            MediaFiles.text("Source\tTarget\r\na\tb\r\n"),
            path -> TsvFile.open(path, List.of("Source", "Target"), row -> {}).row(0)));
  }

  private static Arguments format(String name, byte[] bytes, Consumer<Path> open) {
    return Arguments.of(name, bytes, open);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("formats")
  void everyCutIsRefused(String name, byte[] bytes, Consumer<Path> open) {
    open.accept(MediaFiles.write(folder.resolve("whole." + name), bytes));
    // a table without the end of its last line, or of its last cell, is whole
    int last = name.equals("tsv") ? bytes.length - 4 : bytes.length - 1;
    for (int length = 1; length <= last; length++) {
      Path path = MediaFiles.write(folder.resolve("cut." + name), Arrays.copyOf(bytes, length));
      assertThatThrownBy(() -> open.accept(path))
          .as("%d of %d bytes", length, bytes.length)
          .isInstanceOf(MalformedFileException.class)
          .hasMessageContainingAll("cut." + name, "byte ", "expected ");
    }
    Path empty = MediaFiles.write(folder.resolve("empty." + name));
    assertThatThrownBy(() -> open.accept(empty))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("empty." + name, "the file is empty");
  }

  /** Whatever the bits are: read, or refused with the right exception, and never out of memory. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("formats")
  void flippedBitsAreReadOrRefused(String name, byte[] bytes, Consumer<Path> open) {
    Random random = new Random(1);
    int refused = 0;
    for (int trial = 0; trial < 400; trial++) {
      byte[] flipped = bytes.clone();
      for (int f = 0; f <= trial % 3; f++) {
        flipped[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      }
      Path path = MediaFiles.write(folder.resolve("flipped." + name), flipped);
      try {
        open.accept(path);
      } catch (MalformedFileException | IndexOutOfBoundsException e) {
        assertThat(e).hasMessageContaining("flipped." + name); // a shorter file may have no item 9
        refused++;
      }
    }
    assertThat(refused).isPositive();
  }
}
