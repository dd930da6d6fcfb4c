package org.megalab.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.megalab.data.file.Document;
import org.megalab.data.file.MalformedFileException;
import org.megalab.data.file.MediaFiles;

class ImageCorpusTest {
  @TempDir Path folder;

  private static Path photos() {
    return ShippedData.require().folder().resolve("photos64");
  }

  private static byte[] all(Document document) {
    return document.read(0, Math.toIntExact(document.length()));
  }

  /** The checksums were computed by numpy. */
  @Test
  void shippedPhotosInBothOrders() {
    Corpus raster = ImageCorpus.open(photos(), 1).verify();
    assertThat(raster.name()).isEqualTo("photos64");
    assertThat(raster.train().documents()).hasSize(98);
    assertThat(raster.validation().documents()).hasSize(10);
    assertThat(raster.test().documents()).hasSize(24);
    assertThat(raster.train().bytes()).isEqualTo(98 * 12288);
    Document first = raster.train().documents().get(0);
    assertThat(first.name()).isEqualTo("train_data_batch_1.npz!/data.npy[0]");
    assertThat(MediaFiles.crc(all(first))).isEqualTo("f4588c19");
    Corpus patches = ImageCorpus.open(photos(), 8);
    assertThat(patches.name()).isEqualTo("photos64-patch8");
    Document patched = patches.train().documents().get(0);
    assertThat(MediaFiles.crc(all(patched))).isEqualTo("ec81dcee");
    assertThat(patched.read(1000, 50))
        .isEqualTo(java.util.Arrays.copyOfRange(all(patched), 1000, 1050));
    assertThat(new ImageScan(64, 8).toRaster(all(patched))).isEqualTo(all(first));
    assertThatThrownBy(() -> patched.read(12288, 1)).hasMessageContaining("12288 bytes");
    byte[][] tests =
        raster.test().documents().stream().map(ImageCorpusTest::all).toArray(byte[][]::new);
    assertThat(MediaFiles.crc(MediaFiles.join(tests))).isEqualTo("02b9b6b6");
    assertThatThrownBy(() -> ImageCorpus.open(photos(), 7)).hasMessageContaining("7 pixels");
  }

  @Test
  void windowsTileThePictures() {
    Split train = ImageCorpus.open(photos(), 8).train();
    RandomWindows windows = new RandomWindows(train, 3072, 4, 1, 3072);
    TreeSet<String> tiles = new TreeSet<>();
    train
        .documents()
        .forEach(
            d -> {
              for (int k = 0; k < 4; k++) {
                tiles.add(MediaFiles.crc(d.read(3072L * k, 3072)));
              }
            });
    for (int step = 0; step < 5; step++) {
      for (byte[] row : windows.batch(step)) {
        assertThat(tiles).contains(MediaFiles.crc(row));
      }
    }
    assertThat(new SequentialWindows(train, 3072).count()).isEqualTo(4L * 98);
  }

  private void picture(String name, int side, int value) {
    byte[] raster = new byte[3 * side * side];
    raster[0] = (byte) value;
    MediaFiles.write(folder.resolve(name), MediaFiles.rgbPng(side, raster));
  }

  private static List<Integer> values(Split split) {
    return split.documents().stream().map(d -> d.read(0, 1)[0] & 0xFF).toList();
  }

  @Test
  void publishedPicturesAreRead() {
    for (int i = 0; i < 12; i++) {
      picture("train_64x64/%07d.png".formatted(i), 4, i);
    }
    picture("valid_64x64/0000001.png", 4, 90);
    Corpus corpus = ImageCorpus.open(folder, 2);
    assertThat(values(corpus.train())).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
    assertThat(values(corpus.validation())).containsExactly(11);
    assertThat(values(corpus.test())).containsExactly(90);
    assertThat(corpus.test().documents().get(0).length()).isEqualTo(48);
    assertThat(corpus.test().documents().get(0).name()).isEqualTo("0000001.png");
  }

  @Test
  void ownSplitsAndClassesAreRead() {
    for (int i = 0; i < 10; i++) {
      picture("train/a/" + i + ".png", 4, i);
      picture("train/b/" + i + ".png", 4, 100 + i);
    }
    picture("val/a/1.png", 4, 50);
    Corpus corpus = ImageCorpus.open(folder, 1);
    TreeSet<Integer> seen = new TreeSet<>(values(corpus.train()));
    seen.addAll(values(corpus.validation()));
    assertThat(corpus.validation().documents()).hasSize(2);
    assertThat(seen).hasSize(20);
    assertThat(values(corpus.test())).containsExactly(50);
    picture("test/x.png", 4, 60);
    Corpus three = ImageCorpus.open(folder, 1);
    assertThat(three.train().documents()).hasSize(20);
    assertThat(values(three.validation())).containsExactly(50);
    assertThat(values(three.test())).containsExactly(60);
    picture("test/y.png", 5, 60);
    Split test = ImageCorpus.open(folder, 1).test();
    assertThatThrownBy(() -> test.documents().get(1).read(0, 1))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageContainingAll("y.png", "5 by 5", "4 by 4");
    assertThat(ImageCorpus.resized(folder, 2, 1).test().documents().get(1).length()).isEqualTo(12);
  }

  @Test
  void otherFoldersAreExplained() {
    MediaFiles.write(folder.resolve("x.txt"), new byte[1]);
    assertThatThrownBy(() -> ImageCorpus.open(folder, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("train/", "train_64x64/", "train_data_batch_1.npz");
    MediaFiles.write(folder.resolve("train/x.txt"), new byte[1]);
    assertThatThrownBy(() -> ImageCorpus.open(folder, 1)).hasMessageContaining(".png or .jpeg");
    MediaFiles.write(folder.resolve("train/x.png"), new byte[1]);
    assertThatThrownBy(() -> ImageCorpus.open(folder, 1))
        .isInstanceOf(MalformedFileException.class);
  }
}
