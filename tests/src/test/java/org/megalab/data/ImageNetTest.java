package org.megalab.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.megalab.data.file.MalformedFileException;
import org.megalab.data.file.MediaFiles;

class ImageNetTest {
  @TempDir Path folder;

  /** Pictures of 2 by 2 pixels: 12 bytes, red 10 to 13, green 20 to 23, blue the label. */
  private void archive(String name, String type, int... labels) {
    byte[] data = new byte[12 * labels.length];
    byte[] classes = new byte[0];
    for (int i = 0; i < labels.length; i++) {
      for (int p = 0; p < 4; p++) {
        data[12 * i + p] = (byte) (10 + p);
        data[12 * i + 4 + p] = (byte) (20 + p);
        data[12 * i + 8 + p] = (byte) labels[i];
      }
      classes = MediaFiles.join(classes, MediaFiles.little(8, labels[i]));
    }
    MediaFiles.write(
        folder.resolve(name),
        MediaFiles.zip(
            Map.of(
                "data.npy",
                MediaFiles.npy(type, labels.length + ", 12", data),
                "labels.npy",
                MediaFiles.npy("<i8", labels.length + ",", classes))));
  }

  @Test
  void readsThePublicLayout() {
    int[] first = new int[19];
    Arrays.fill(first, 3);
    archive("train_data_batch_2.npz", "|u1", 2, 1);
    archive("train_data_batch_10.npz", "|u1", 1, 2);
    archive("train_data_batch_1.npz", "|u1", first);
    archive("val_data.npz", "|u1", 1, 3);
    ExampleSet set = ImageNet64.open(folder);
    assertThat(set.classes()).containsExactly("1", "2", "3");
    assertThat(set.train().size()).isEqualTo(21);
    assertThat(set.validation().size()).isEqualTo(2);
    assertThat(set.test().size()).isEqualTo(2);
    assertThat(set.train().get(18).label()).isEqualTo(2);
    assertThat(set.train().get(19).label()).isEqualTo(1); // the first of batch 2
    assertThat(set.validation().get(1).label()).isEqualTo(1); // the last of batch 10
    assertThat(set.train().get(20).input())
        .containsExactly(10, 20, 1, 11, 21, 1, 12, 22, 1, 13, 23, 1);
    MediaFiles.write(
        folder.resolve("map_clsloc.txt"),
        MediaFiles.text("n1 1 kit_fox\nn2 2 English_setter\nn3 3 badger\nn4 4 black and tan\n"));
    assertThat(ImageNet64.open(folder).classes())
        .containsExactly("kit_fox", "English_setter", "badger", "black and tan");
  }

  @Test
  void faultsAreExplained() {
    archive("train_data_batch_1.npz", "|u1", 1, 2);
    archive("val_data.npz", "|u1", 1, 3);
    assertThatThrownBy(() -> ImageNet64.open(folder))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageContainingAll("val_data.npz!/labels.npy", "the label 3", "1 to 2");
    archive("val_data.npz", "|u1", 1, 0);
    assertThatThrownBy(() -> ImageNet64.open(folder)).hasMessageContaining("the label 0");
    archive("val_data.npz", "|i1", 1, 1);
    assertThatThrownBy(() -> ImageNet64.open(folder)).hasMessageContaining("'|i1'");
    archive("val_data.npz", "|u1", 1, 1);
    MediaFiles.write(folder.resolve("map_clsloc.txt"), MediaFiles.text("n1 1 a\nn2 3 b\n"));
    assertThatThrownBy(() -> ImageNet64.open(folder))
        .isInstanceOfSatisfying(
            MalformedFileException.class, e -> assertThat(e.offset()).isEqualTo(7))
        .hasMessageContainingAll("n2 3 b", "n02119789 2 NAME");
    MediaFiles.write(
        folder.resolve("train_data_batch_2.npz"),
        MediaFiles.zip(
            Map.of(
                "data.npy", MediaFiles.npy("|u1", "1, 48", new byte[48]),
                "labels.npy", MediaFiles.npy("<i8", "1,", MediaFiles.little(8, 1)))));
    assertThatThrownBy(() -> ImageNet64.open(folder))
        .hasMessageContainingAll(
            "train_data_batch_2.npz!/data.npy", "[1, 48]", "12 bytes as before");
    assertThatThrownBy(() -> ImageNet64.open(folder.resolveSibling(".")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(".npz");
  }

  /** The checksums were computed by numpy. */
  @Test
  void shippedPhotosAreWhole() {
    ExampleSet set = ImageNet64.open(ShippedData.require().folder().resolve("photos64"));
    assertThat(set.toString())
        .isEqualTo("photos64 (train 98, validation 10, test 24 examples; 6 classes)");
    assertThat(MediaFiles.crc(set.train().get(0).input())).isEqualTo("f4588c19");
    assertThat(set.train().get(0).label()).isEqualTo(4);
    assertThat(MediaFiles.crc(set.validation().get(9).input())).isEqualTo("bb2f733a");
    assertThat(set.validation().get(9).label()).isEqualTo(2);
    assertThat(MediaFiles.crc(set.test().get(23).input())).isEqualTo("bb48c6df");
    assertThat(set.test().get(23).label()).isEqualTo(5);
  }

  private void picture(String name, int side, int value) {
    byte[] raster = new byte[side * side];
    Arrays.fill(raster, (byte) value);
    MediaFiles.write(folder.resolve(name), MediaFiles.greyPng(side, raster));
  }

  @Test
  void foldersOfClassesAreRead() {
    for (int i = 0; i < 10; i++) {
      picture("train/n01440764/n01440764_" + i + ".JPEG", 6, i); // PNG inside, as one of ImageNet's
      picture("train/n01443537/n01443537_" + i + ".JPEG", 5, 100 + i);
    }
    picture("val/n01440764/ILSVRC2012_val_00000293.JPEG", 9, 50);
    picture("val/n01443537/ILSVRC2012_val_00000236.JPEG", 9, 60);
    ExampleSet set = ImageNetFolders.open(folder, 4);
    assertThat(set.classes()).containsExactly("n01440764", "n01443537");
    assertThat(set.train().size()).isEqualTo(18);
    assertThat(set.validation().size()).isEqualTo(2);
    TreeMap<Integer, Integer> seen = new TreeMap<>();
    for (int i = 0; i < 20; i++) {
      Example example = i < 18 ? set.train().get(i) : set.validation().get(i - 18);
      assertThat(example.input()).hasSize(48).containsOnly(example.input()[0]);
      seen.put(example.input()[0] & 0xFF, example.label());
    }
    assertThat(seen).hasSize(20).containsEntry(7, 0).containsEntry(107, 1);
    assertThat(set.test().get(1).label()).isEqualTo(1);
    assertThat(set.test().get(1).input()).containsOnly(60);
    picture("val/n99/x.JPEG", 9, 60);
    assertThatThrownBy(() -> ImageNetFolders.open(folder, 4))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("2 class folders", "val/ has 3", "[n99]");
    assertThatThrownBy(() -> ImageNetFolders.open(folder.resolve("train"), 4))
        .hasMessageContaining("no such folder");
    assertThatThrownBy(() -> ImageNetFolders.open(folder, 0)).hasMessageContaining("positive");
  }
}
