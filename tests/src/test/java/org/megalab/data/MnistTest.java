package org.megalab.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.megalab.data.file.MalformedFileException;
import org.megalab.data.file.MediaFiles;

class MnistTest {
  @TempDir Path folder;

  private void files(int train, int test, byte[] trainLabels) {
    MediaFiles.write(
        folder.resolve("train-images-idx3-ubyte"),
        MediaFiles.idx(MediaFiles.ramp(train * 784), train, 28, 28));
    MediaFiles.write(
        folder.resolve("train-labels-idx1-ubyte.gz"),
        MediaFiles.gzip(MediaFiles.idx(trainLabels, trainLabels.length)));
    MediaFiles.write(
        folder.resolve("t10k-images-idx3-ubyte.gz"),
        MediaFiles.gzip(MediaFiles.idx(MediaFiles.ramp(test * 784), test, 28, 28)));
    MediaFiles.write(
        folder.resolve("t10k-labels-idx1-ubyte"), MediaFiles.idx(new byte[test], test));
  }

  @Test
  void readsThePublicLayout() {
    byte[] labels = new byte[20];
    labels[17] = 9;
    labels[19] = 4;
    files(20, 2, labels);
    ExampleSet set = Mnist.digits(folder);
    assertThat(set.name()).isEqualTo("mnist");
    assertThat(set.classes()).containsExactly("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");
    assertThat(set.train().size()).isEqualTo(18);
    assertThat(set.validation().size()).isEqualTo(2);
    assertThat(set.test().size()).isEqualTo(2);
    assertThat(set.train().get(17).label()).isEqualTo(9);
    assertThat(set.validation().get(1).label()).isEqualTo(4);
    byte[] all = MediaFiles.ramp(20 * 784);
    for (int p = 0; p < 784; p += 9) {
      assertThat(set.train().get(17).input()[p]).isEqualTo(all[17 * 784 + p]);
      assertThat(set.validation().get(1).input()[p]).isEqualTo(all[19 * 784 + p]);
    }
    assertThat(set.numbers().of(new byte[] {(byte) 255})[0])
        .isEqualTo((float) ((1 - 0.1307) / 0.3081));
  }

  /** The checksums were computed by numpy. */
  @Test
  void shippedClothesAreWhole() {
    ExampleSet set = Mnist.fashion(ShippedData.require().folder().resolve("fashion-mnist"));
    assertThat(set.toString())
        .isEqualTo("fashion-mnist (train 1,350, validation 150, test 300 examples; 10 classes)");
    assertThat(set.classes().get(9)).isEqualTo("Ankle boot");
    assertPicture(set.train().get(0), "f270beb5", 9);
    assertPicture(set.train().get(1349), "b158c2a6", 7);
    assertPicture(set.validation().get(0), "782c40cb", 6);
    assertPicture(set.test().get(299), "28378f43", 8);
    byte[][] all = new byte[1350][];
    int[] count = new int[10];
    for (int i = 0; i < all.length; i++) {
      all[i] = set.train().get(i).input();
      count[set.train().get(i).label()]++;
    }
    for (int i = 0; i < 150; i++) {
      count[set.validation().get(i).label()]++;
    }
    assertThat(MediaFiles.crc(MediaFiles.join(all))).isEqualTo("0859cd69");
    assertThat(count).containsExactly(146, 151, 148, 145, 146, 158, 148, 165, 148, 145);
  }

  private static void assertPicture(Example example, String crc, int label) {
    assertThat(MediaFiles.crc(example.input())).isEqualTo(crc);
    assertThat(example.label()).isEqualTo(label);
  }

  @Test
  void faultsAreExplained() {
    byte[] labels = new byte[20];
    labels[3] = 10;
    files(20, 2, labels);
    assertThatThrownBy(() -> Mnist.fashion(folder))
        .isInstanceOfSatisfying(
            MalformedFileException.class, e -> assertThat(e.offset()).isEqualTo(8 + 3))
        .hasMessageContainingAll("train-labels-idx1-ubyte.gz", "the label 10", "0 to 9");
    files(20, 2, new byte[19]);
    assertThatThrownBy(() -> Mnist.fashion(folder))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageContainingAll("19 labels", "20 as there are pictures");
    MediaFiles.write(
        folder.resolve("train-images-idx3-ubyte"), MediaFiles.idx(new byte[20 * 784], 20, 784));
    assertThatThrownBy(() -> Mnist.fashion(folder)).hasMessageContaining("3 dimensions");
    assertThatThrownBy(() -> Mnist.fashion(folder.resolve("gone")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("gone", "no such folder", "train-images-idx3-ubyte.gz");
    assertThatThrownBy(() -> Mnist.fashion(folder.resolveSibling(".")))
        .hasMessageContainingAll("train-images-idx3-ubyte.gz", "no such file");
  }
}
