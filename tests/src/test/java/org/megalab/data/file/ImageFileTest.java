package org.megalab.data.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageFileTest {
  @TempDir Path folder;

  private Picture read(byte[] png) {
    return ImageFile.read(MediaFiles.write(folder.resolve("p.png"), png));
  }

  private void assertFault(byte[] bytes, long offset, String... parts) {
    Path path = MediaFiles.write(folder.resolve("bad.png"), bytes);
    assertThatThrownBy(() -> ImageFile.read(path))
        .isInstanceOfSatisfying(
            MalformedFileException.class, e -> assertThat(e.offset()).isEqualTo(offset))
        .hasMessageContaining(path.toString())
        .hasMessageContainingAll(parts);
  }

  /** Every value as it is in the file, without the gamma of a grey colour space. */
  @Test
  void readsGreyAndColourAsTheyAre() {
    byte[] all = new byte[256];
    for (int i = 0; i < 256; i++) {
      all[i] = (byte) i;
    }
    Picture grey = read(MediaFiles.greyPng(16, all));
    assertThat(grey.channels()).isEqualTo(1);
    assertThat(grey.raster()).isEqualTo(all);
    assertThat(grey.value(15, 14, 0)).isEqualTo(254);
    byte[] colours = MediaFiles.ramp(5 * 3 * 3);
    Picture rgb = read(MediaFiles.png(5, 3, 8, 2, colours));
    assertThat(rgb.width()).isEqualTo(5);
    assertThat(rgb.height()).isEqualTo(3);
    assertThat(rgb.raster()).isEqualTo(colours);
    assertThat(grey.rgb().raster()).startsWith(0, 0, 0, 1, 1, 1, 2).hasSize(768);
  }

  @Test
  void readsOtherDepthsAndPalettes() {
    byte[] deep = {0x12, 0x34, (byte) 0xAB, (byte) 0xCD};
    assertThat(read(MediaFiles.png(2, 1, 16, 0, deep)).raster()).containsExactly(0x12, 0xAB);
    Picture bits = read(MediaFiles.png(4, 1, 1, 0, new byte[] {(byte) 0b1010_0000}));
    assertThat(bits.channels()).isEqualTo(1);
    assertThat(bits.raster()).containsExactly(255, 0, 255, 0);
    Picture nibbles = read(MediaFiles.png(2, 1, 4, 0, new byte[] {(byte) 0x3F}));
    assertThat(nibbles.raster()).containsExactly(0x33, 0xFF);
    byte[] palette = {10, 20, 30, 40, 50, 60};
    Picture colours = read(MediaFiles.png(2, 1, 8, 3, new byte[] {1, 0}, palette));
    assertThat(colours.raster()).containsExactly(40, 50, 60, 10, 20, 30);
  }

  @Test
  void opacityIsDroppedOrRefused() {
    byte full = (byte) 255;
    Picture opaque = read(MediaFiles.png(2, 1, 8, 6, new byte[] {1, 2, 3, full, 4, 5, 6, full}));
    assertThat(opaque.raster()).containsExactly(1, 2, 3, 4, 5, 6);
    assertThat(read(MediaFiles.png(2, 1, 8, 4, new byte[] {9, full, 8, full})).raster())
        .containsExactly(9, 8);
    assertFault(
        MediaFiles.png(2, 1, 8, 6, new byte[] {1, 2, 3, full, 4, 5, 6, 127}),
        0,
        "transparent pixel at row 0, column 1",
        "background");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void writesWhatItReads(int channels) {
    Picture picture = new Picture(7, 4, channels, MediaFiles.ramp(28 * channels));
    Path path = folder.resolve("w.png");
    ImageFile.writePng(path, picture);
    Picture again = ImageFile.read(path);
    assertThat(again.channels()).isEqualTo(channels);
    assertThat(again.width()).isEqualTo(7);
    assertThat(again.raster()).isEqualTo(picture.raster());
    assertThatThrownBy(() -> ImageFile.writePng(folder.resolve("no/w.png"), picture))
        .hasMessageContaining("w.png");
  }

  @Test
  void readsJpegAndRefusesHalfOfOne() throws IOException {
    BufferedImage image = new BufferedImage(64, 48, BufferedImage.TYPE_INT_RGB);
    for (int p = 0; p < 64 * 48; p++) {
      int i = p / 64;
      int j = p % 64;
      image.setRGB(j, i, (4 * j) << 16 | (5 * i) << 8 | 100);
    }
    Path path = folder.resolve("x.JPEG");
    ImageIO.write(image, "jpeg", path.toFile());
    Picture picture = ImageFile.read(path);
    assertThat(picture.channels()).isEqualTo(3);
    for (int i = 3; i < 45; i++) {
      for (int j = 3; j < 60; j++) {
        assertThat(picture.value(i, j, 0)).isCloseTo(4 * j, within(12));
        assertThat(picture.value(i, j, 1)).isCloseTo(5 * i, within(12));
        assertThat(picture.value(i, j, 2)).isCloseTo(100, within(12));
      }
    }
    byte[] whole = Files.readAllBytes(path);
    for (int length : new int[] {whole.length - 2, whole.length * 3 / 4, 100}) {
      MediaFiles.write(path, Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> ImageFile.read(path))
          .as("%d of %d bytes", length, whole.length)
          .isInstanceOf(MalformedFileException.class)
          .hasMessageContaining("x.JPEG");
    }
  }

  /** Flat inks C, M, Y, K: without a marker as they are, with Adobe's as 255 − ink or as luma. */
  @Test
  void fourInksBecomeColours() throws IOException {
    byte[] plain = inks(55, 155, 205, 51);
    assertColour(plain, 160, 80, 40); // (255 − C) (255 − K) / 255
    assertColour(adobe(plain, 0), 11, 31, 41); // C · K / 255
    // luma 100, chroma (90, 140): red 116.8, green 104.5, blue 32.7; (255 − red) · K / 255
    assertColour(adobe(inks(100, 90, 140, 255), 2), 138, 151, 222);
  }

  private static byte[] inks(int... values) throws IOException {
    WritableRaster raster = Raster.createInterleavedRaster(DataBuffer.TYPE_BYTE, 8, 8, 4, null);
    for (int p = 0; p < 64; p++) {
      raster.setPixel(p % 8, p / 8, values);
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      writer.setOutput(out);
      writer.write(null, new IIOImage(raster, null, null), null);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }

  private static byte[] adobe(byte[] jpeg, int transform) {
    return MediaFiles.join(
        Arrays.copyOf(jpeg, 2),
        MediaFiles.text("\u00ff\u00ee\0\u000eAdobe\0d\0\0\0\0"),
        new byte[] {(byte) transform},
        Arrays.copyOfRange(jpeg, 2, jpeg.length));
  }

  private void assertColour(byte[] jpeg, int... rgb) {
    Picture picture = ImageFile.read(MediaFiles.write(folder.resolve("inks.JPEG"), jpeg));
    for (int c = 0; c < 3; c++) {
      assertThat(picture.value(4, 4, c)).as("channel %d", c).isCloseTo(rgb[c], within(3));
    }
  }

  @Test
  void damageIsExplained() {
    byte[] png = MediaFiles.rgbPng(8, MediaFiles.ramp(192));
    assertFault(MediaFiles.text("GIF89a, not a PNG"), 0, "GIF89a", "PNG");
    assertFault(Arrays.copyOf(png, 20), 20, "end of the file at byte 20", "the height");
    assertFault(Arrays.copyOf(png, png.length - 4), png.length - 12, "\"IEND\"", "0 that follow");
    assertFault(Arrays.copyOf(png, png.length - 20), 33, "\"IDAT\"");
    assertFault(Arrays.copyOf(png, png.length - 12), png.length - 12, "the end of the file");
    byte[] flipped = png.clone();
    flipped[50] ^= 4;
    assertFault(flipped, png.length - 16, "the checksum");
    byte[] sixteen = new byte[4];
    byte[] promise =
        MediaFiles.join(
            MediaFiles.text("\u0089PNG\r\n\u001a\n"),
            MediaFiles.pngChunk(
                "IHDR",
                MediaFiles.join(
                    MediaFiles.big(Integer.MAX_VALUE),
                    MediaFiles.big(Integer.MAX_VALUE),
                    new byte[] {8, 2, 0, 0, 0})),
            MediaFiles.pngChunk("IDAT", sixteen),
            MediaFiles.pngChunk("IEND", new byte[0]));
    assertFault(promise, 16, "2147483647 by 2147483647 pixels in 4 packed bytes");
    byte[] short1 = MediaFiles.png(8, 8, 8, 2, MediaFiles.ramp(96)); // rows of half the length
    Path path = MediaFiles.write(folder.resolve("short.png"), short1);
    assertThatThrownBy(() -> ImageFile.read(path))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageContainingAll("short.png", "cannot be decoded");
  }

  @Test
  void greyFollowsTensorFlow() {
    // trunc((0.2989 r + 0.587 g + 0.114 b) / 255 · 255.5), by hand
    int[][] cases = {
      {255, 255, 255, 255},
      {0, 0, 0, 0},
      {255, 0, 0, 76},
      {0, 255, 0, 149},
      {0, 0, 255, 29},
      {100, 150, 200, 141},
      {1, 1, 1, 1},
      {17, 99, 3, 63}
    };
    for (int[] c : cases) {
      byte[] pixel = {(byte) c[0], (byte) c[1], (byte) c[2]};
      assertThat(new Picture(1, 1, 3, pixel).grey().value(0, 0, 0))
          .as(Arrays.toString(c))
          .isEqualTo(c[3]);
    }
  }

  @Test
  void squaresAreMeansOfAreas() {
    // 4 by 2, middle square columns 1 and 2
    Picture wide = new Picture(4, 2, 1, new byte[] {9, 10, 20, 9, 9, 30, 40, 9});
    assertThat(wide.square(1).raster()).containsExactly(25);
    assertThat(wide.square(2).raster()).containsExactly(10, 20, 30, 40);
    assertThat(wide.square(4).raster())
        .containsExactly(10, 10, 20, 20, 10, 10, 20, 20, 30, 30, 40, 40, 30, 30, 40, 40);
    // 3 by 3 to 2 by 2: a new pixel covers 1.5 by 1.5; the corner (90·1 + 0 …) / 2.25
    Picture three = new Picture(3, 3, 1, new byte[] {90, 0, 0, 0, 45, 0, 0, 0, 18});
    assertThat(three.square(2).raster()).containsExactly(45, 5, 5, 13);
    byte[] tall = new byte[2 * 5 * 3];
    Arrays.fill(tall, (byte) 200);
    assertThat(new Picture(2, 5, 3, tall).square(2).raster()).containsOnly((byte) 200).hasSize(12);
    assertThatThrownBy(() -> new Picture(2, 2, 2, new byte[8]))
        .hasMessageContaining("8 bytes are no picture of 2 by 2");
  }
}
