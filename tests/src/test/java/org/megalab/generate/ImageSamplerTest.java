package org.megalab.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.megalab.data.ImageScan;
import org.megalab.model.MegabyteConfig;
import org.megalab.model.SequenceModel;
import org.megalab.model.TransformerSize;

class ImageSamplerTest {

  /** Images of 8 by 8 pixels, patches of 4 by 4. */
  private static final ImageScan SCAN = ImageScan.ofPatchSize(8, 48);

  private static SequenceModel model() {
    return MegabyteConfig.builder()
        .setContextLength(192)
        .setPatchSize(48)
        .setGlobal(TransformerSize.of(96, 1, 2))
        .setLocal(TransformerSize.of(8, 1, 2))
        .optInitStd(0.3)
        .build()
        .newModel()
        .initialize(Device.cpu(), 4);
  }

  @Test
  void imagesAreTheModelsBytesInTheOrderOfTheScan() {
    try (SequenceModel model = model()) {
      Generator generator = new Generator(model, Sampling.builder().optSeed(3).build());
      List<BufferedImage> images = new ImageSampler(generator, SCAN).sample(2);
      List<Generation> bytes = generator.generate(List.of(new byte[0], new byte[0]), 192);
      for (int i = 0; i < 2; i++) {
        byte[] sequence = bytes.get(i).bytes();
        for (int row = 0; row < 8; row++) {
          for (int column = 0; column < 8; column++) {
            int rgb = images.get(i).getRGB(column, row);
            assertThat((byte) (rgb >> 16)).isEqualTo(sequence[SCAN.index(row, column, 0)]);
            assertThat((byte) (rgb >> 8)).isEqualTo(sequence[SCAN.index(row, column, 1)]);
            assertThat((byte) rgb).isEqualTo(sequence[SCAN.index(row, column, 2)]);
          }
        }
      }
    }
  }

  @Test
  void theUpperHalfIsKept() {
    byte[] raster = new byte[192];
    for (int i = 0; i < 192; i++) {
      raster[i] = (byte) (37 * i);
    }
    BufferedImage image = Pictures.image(raster, 8);
    assertThat(Pictures.raster(image)).isEqualTo(raster);
    try (SequenceModel model = model()) {
      ImageSampler sampler =
          new ImageSampler(new Generator(model, Sampling.builder().build()), SCAN);
      List<BufferedImage> completed = sampler.complete(image, 4, 3);
      assertThat(completed).hasSize(3);
      for (BufferedImage one : completed) {
        byte[] bytes = Pictures.raster(one);
        assertThat(Arrays.copyOf(bytes, 96)).isEqualTo(Arrays.copyOf(raster, 96));
        assertThat(bytes).isNotEqualTo(raster);
      }
      assertThat(Pictures.raster(completed.get(0))).isNotEqualTo(Pictures.raster(completed.get(1)));
      assertThat(Pictures.raster(sampler.complete(image, 8, 1).get(0))).isEqualTo(raster);
      List<BufferedImage> two = sampler.complete(List.of(image, completed.get(2)), 4);
      assertThat(Pictures.raster(two.get(0))).isEqualTo(Pictures.raster(completed.get(0)));
      assertThat(Pictures.raster(two.get(1))).isEqualTo(Pictures.raster(completed.get(1)));
      assertThatThrownBy(() -> sampler.complete(image, 3, 1)).hasMessageContaining("whole patches");
      assertThatThrownBy(() -> sampler.complete(new BufferedImage(9, 8, 1), 4, 1))
          .hasMessageContaining("8 by 8");
    }
  }

  @Test
  void captionsStandBelowGreyPictures() {
    byte[] pixels = new byte[100 * 100];
    Arrays.fill(pixels, (byte) 100);
    BufferedImage grey = Pictures.grey(pixels, 100);
    assertThat(grey.getRGB(99, 99) & 0xFFFFFF).isEqualTo(0x646464);
    BufferedImage grid = Pictures.grid(List.of(grey, grey), List.of("Bag", "Coat"), 1, 1);
    assertThat(grid.getHeight()).isEqualTo(2 + 2 * (100 + 18 + 2));
    assertThat(grid.getRGB(50, 130) & 0xFFFFFF).isEqualTo(0x646464); // the second picture
    long dark =
        IntStream.range(0, 102 * 18)
            .filter(i -> (grid.getRGB(i % 102, 102 + i / 102) & 0xFF) < 100)
            .count();
    assertThat(dark).isBetween(10L, 400L);
    assertThatThrownBy(() -> Pictures.grid(List.of(grey), List.of("a", "b"), 1, 1))
        .hasMessageContaining("2 captions");
  }

  @Test
  void gridsAreWrittenAsPng(@TempDir Path folder) throws IOException {
    byte[] red = new byte[12];
    byte[] blue = new byte[12];
    for (int p = 0; p < 4; p++) {
      red[3 * p] = (byte) 255;
      blue[3 * p + 2] = (byte) 255;
    }
    List<BufferedImage> images =
        List.of(Pictures.image(red, 2), Pictures.image(blue, 2), Pictures.image(red, 2));
    Path png = folder.resolve("grid.png");
    Pictures.write(Pictures.grid(images, 2, 3), png);
    BufferedImage grid = ImageIO.read(png.toFile());
    assertThat(grid.getWidth()).isEqualTo(2 + 6 + 2 + 6 + 2);
    assertThat(grid.getHeight()).isEqualTo(2 + 6 + 2 + 6 + 2);
    assertThat(grid.getRGB(2, 2) & 0xFFFFFF).isEqualTo(0xFF0000);
    assertThat(grid.getRGB(7, 7) & 0xFFFFFF).isEqualTo(0xFF0000);
    assertThat(grid.getRGB(8, 7) & 0xFFFFFF).isEqualTo(0xFFFFFF);
    assertThat(grid.getRGB(10, 2) & 0xFFFFFF).isEqualTo(0x0000FF);
    assertThat(grid.getRGB(2, 10) & 0xFFFFFF).isEqualTo(0xFF0000);
    assertThat(grid.getRGB(12, 12) & 0xFFFFFF).isEqualTo(0xFFFFFF); // nothing there
    assertThatThrownBy(() -> Pictures.grid(List.of(), 1, 1)).hasMessageContaining("0 images");
    assertThatThrownBy(() -> Pictures.write(grid, folder.resolve("none").resolve("a.png")))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("a.png");
  }
}
