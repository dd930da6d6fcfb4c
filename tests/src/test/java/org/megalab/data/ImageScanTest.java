package org.megalab.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageScanTest {

  /** An image of 4 by 4 in patches of 12 bytes: the pixels of the sequence, by hand. */
  @Test
  void fourByFourInPatchesOfTwo() {
    ImageScan scan = ImageScan.ofPatchSize(4, 12);
    assertThat(scan).isEqualTo(new ImageScan(4, 2));
    assertThat(scan.length()).isEqualTo(48);
    int[][] pixels = {
      {0, 0}, {0, 1}, {1, 0}, {1, 1}, // patch 0
      {0, 2}, {0, 3}, {1, 2}, {1, 3}, // patch 1
      {2, 0}, {2, 1}, {3, 0}, {3, 1}, // patch 2
      {2, 2}, {2, 3}, {3, 2}, {3, 3}, // patch 3
    };
    byte[] raster = new byte[48];
    byte[] expected = new byte[48];
    for (int r = 0; r < 48; r++) {
      raster[r] = (byte) r;
    }
    for (int t = 0; t < 48; t++) {
      int[] pixel = pixels[t / 3];
      assertThat(scan.index(pixel[0], pixel[1], t % 3)).isEqualTo(t);
      expected[t] = (byte) ((pixel[0] * 4 + pixel[1]) * 3 + t % 3);
    }
    assertThat(scan.fromRaster(raster)).isEqualTo(expected);
    assertThat(scan.toRaster(expected)).isEqualTo(raster);
  }

  @ParameterizedTest
  @CsvSource({"8, 12, 2", "8, 48, 4", "16, 192, 8", "32, 768, 16", "6, 27, 3", "5, 3, 1"})
  void everyByteHasItsPlace(int side, int patchSize, int patchSide) {
    ImageScan scan = ImageScan.ofPatchSize(side, patchSize);
    assertThat(scan.patchSide()).isEqualTo(patchSide);
    assertThat(scan.patchSize()).isEqualTo(patchSize);
    TreeSet<Integer> places = new TreeSet<>();
    for (int i = 0; i < side; i++) {
      for (int j = 0; j < side; j++) {
        for (int c = 0; c < 3; c++) {
          places.add(scan.index(i, j, c));
        }
      }
    }
    assertThat(places).hasSize(scan.length()).contains(0, scan.length() - 1);
    assertThat(places.first()).isZero();
    assertThat(places.last()).isEqualTo(scan.length() - 1);
    byte[] raster = new byte[scan.length()];
    new Random(1).nextBytes(raster);
    assertThat(scan.toRaster(scan.fromRaster(raster))).isEqualTo(raster);
    assertThat(scan.fromRaster(scan.toRaster(raster))).isEqualTo(raster);
  }

  @Test
  void rasterOrderChangesNothing() {
    byte[] raster = new byte[75];
    new Random(1).nextBytes(raster);
    assertThat(ImageScan.raster(5).fromRaster(raster)).isEqualTo(raster);
    assertThat(new ImageScan(5, 5).fromRaster(raster)).isEqualTo(raster);
  }

  @Test
  void wrongSizesAreNamed() {
    assertThatThrownBy(() -> new ImageScan(6, 4))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("patches of 4 pixels a side do not fit into an image of 6");
    assertThatThrownBy(() -> new ImageScan(0, 1)).hasMessageContaining("positive");
    assertThatThrownBy(() -> ImageScan.ofPatchSize(8, 13))
        .hasMessageContaining("13 bytes is no square of pixels")
        .hasMessageContaining("nearest is 12");
    assertThatThrownBy(() -> ImageScan.ofPatchSize(8, 0)).hasMessageContaining("nearest is 3");
    assertThatThrownBy(() -> ImageScan.ofPatchSize(10, 48)).hasMessageContaining("4 pixels");
    assertThatThrownBy(() -> new ImageScan(30000, 1)).hasMessageContaining("2^31");
    ImageScan scan = new ImageScan(4, 2);
    assertThatThrownBy(() -> scan.fromRaster(new byte[47]))
        .hasMessageContaining("48 bytes, got 47");
    assertThatThrownBy(() -> scan.toRaster(new byte[49])).hasMessageContaining("48 bytes, got 49");
    assertThatThrownBy(() -> scan.index(4, 0, 0)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> scan.index(0, -1, 0)).hasMessageContaining("(0, -1)");
    assertThatThrownBy(() -> scan.index(0, 0, 3)).hasMessageContaining("channel 3");
  }
}
