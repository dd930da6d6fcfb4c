package org.megalab.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.megalab.data.file.MalformedFileException;
import org.megalab.data.file.MediaFiles;

class Cifar10Test {
  @TempDir Path folder;

  /** A record whose red is 200, green 100 and blue its pixel's number. */
  private static byte[] record(int label) {
    byte[] record = new byte[3073];
    record[0] = (byte) label;
    for (int p = 0; p < 1024; p++) {
      record[1 + p] = (byte) 200;
      record[1 + 1024 + p] = 100;
      record[1 + 2048 + p] = (byte) p;
    }
    return record;
  }

  private void files() {
    for (int f = 1; f <= 5; f++) {
      MediaFiles.write(
          folder.resolve("data_batch_" + f + ".bin"),
          record(f),
          record(f + 1),
          record(f + 2),
          record(9));
    }
    MediaFiles.write(folder.resolve("test_batch.bin"), record(0), record(3));
  }

  @Test
  void readsThePublicLayout() {
    files();
    ExampleSet set = Cifar10.rgb(folder);
    assertThat(set.classes()).startsWith("airplane", "automobile").hasSize(10);
    assertThat(set.train().size()).isEqualTo(18);
    assertThat(set.validation().size()).isEqualTo(2);
    assertThat(set.test().size()).isEqualTo(2);
    assertThat(set.train().get(5).label()).isEqualTo(3); // the second of data_batch_2
    assertThat(set.train().get(17).label()).isEqualTo(6);
    assertThat(set.validation().get(0).label()).isEqualTo(7);
    assertThat(set.test().get(1).label()).isEqualTo(3);
    byte[] input = set.test().get(1).input();
    assertThat(input).hasSize(3072).startsWith(200, 100, 0, 200, 100, 1);
    assertThat(input[3071]).isEqualTo((byte) 1023);
  }

  @Test
  void greyIsTheTaskImage() {
    files();
    ExampleSet set = Cifar10.grey(folder);
    byte[] input = set.train().get(0).input();
    assertThat(input).hasSize(1024);
    // trunc((0.2989 · 200 + 0.587 · 100 + 0.114 · blue) · 255.5 / 255)
    assertThat(input[0] & 0xFF).isEqualTo(118);
    assertThat(input[255] & 0xFF).isEqualTo(147);
    assertThat(set.numbers()).isEqualTo(Numbers.pixels(0.48, 0.24));
  }

  @Test
  void faultsAreExplained() {
    files();
    MediaFiles.write(folder.resolve("data_batch_3.bin"), record(1), record(10));
    assertThatThrownBy(() -> Cifar10.grey(folder))
        .isInstanceOfSatisfying(
            MalformedFileException.class, e -> assertThat(e.offset()).isEqualTo(3073))
        .hasMessageContainingAll("data_batch_3.bin", "the label 10", "0 to 9");
    MediaFiles.write(folder.resolve("data_batch_3.bin"), record(1), new byte[5]);
    assertThatThrownBy(() -> Cifar10.grey(folder))
        .isInstanceOfSatisfying(
            MalformedFileException.class, e -> assertThat(e.offset()).isEqualTo(3073))
        .hasMessageContaining("a record of 5 bytes");
    assertThatThrownBy(() -> Cifar10.grey(folder.resolveSibling(".")))
        .hasMessageContainingAll("data_batch_1.bin", "no such file");
  }
}
