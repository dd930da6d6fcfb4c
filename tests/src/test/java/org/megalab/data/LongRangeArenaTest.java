package org.megalab.data;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.megalab.data.file.MalformedFileException;
import org.megalab.data.file.MediaFiles;

/** The tasks of the Long Range Arena in the layout of its release; Image is in Cifar10Test. */
class LongRangeArenaTest {
  @TempDir Path folder;

  private Path file(String name, String text) {
    return MediaFiles.write(folder.resolve(name), MediaFiles.text(text));
  }

  private static void assertFault(Runnable open, long offset, String... parts) {
    assertThatThrownBy(open::run)
        .isInstanceOfSatisfying(
            MalformedFileException.class, e -> assertThat(e.offset()).isEqualTo(offset))
        .hasMessageContainingAll(parts);
  }

  // the csv writer of Python ends lines with \r\n
  private void listOps(String train) {
    file("basic_train.tsv", "Source\tTarget\r\n" + train);
    file("basic_val.tsv", "Source\tTarget\r\n7\t7\r\n");
    file("basic_test.tsv", "Source\tTarget\r\n( ( ( [SM 8 ) 5 ) ] )\t3\r\n2\t2\r\n");
  }

  @Test
  void listOpsIsRead() {
    listOps("( ( ( [MAX 2 ) 9 ) ] )\t9\r\n( ( [MED 4 ) ] )\t4\r\n");
    ExampleSet set = LraListOps.open(folder);
    assertThat(set.toString())
        .isEqualTo("listops (train 2, validation 1, test 2 examples; 10 classes)");
    assertThat(new String(set.train().get(0).input(), US_ASCII)).isEqualTo(">29]");
    assertThat(set.train().get(1).label()).isEqualTo(4);
    assertThat(new String(set.test().get(0).input(), US_ASCII)).isEqualTo("+85]");
    assertThat(set.test().get(0).label()).isEqualTo(3);
    assertThat(set.numbers()).isEqualTo(Numbers.SYMBOLS);
  }

  @Test
  void badListOpsAreExplained() {
    listOps("7\t7\r\n8\t10\r\n");
    assertFault(() -> LraListOps.open(folder), 20, "basic_train.tsv", "\"10\"", "0 to 9");
    listOps("7\t7\r\n( [MAC 3 ] )\t3\r\n");
    assertFault(() -> LraListOps.open(folder), 20, "[MAC", "expression of ListOps");
    listOps("7\t7\r\n( [MAX 3 ] )");
    assertFault(() -> LraListOps.open(folder), 20, "1 cells", "2 cells");
    listOps("");
    assertFault(() -> LraListOps.open(folder), 15, "at least one row");
  }

  @Test
  void retrievalIsRead() {
    String second = "b".repeat(4001);
    file(
        "new_aan_pairs.train.tsv",
        "1.0\tA1\tA2\ttext one\t\"quoted\nO\t".replace("O", "0.0") + "x\ty\tc\t" + second + "\n");
    file("new_aan_pairs.eval.tsv", "0\ta\tb\tc\td");
    file("new_aan_pairs.test.tsv", "1\ta\tb\t\td\n");
    ExampleSet set = LraRetrieval.open(folder);
    assertThat(set.train().size()).isEqualTo(2);
    assertThat(set.train().get(0).label()).isEqualTo(1);
    assertThat(new String(set.train().get(0).input(), US_ASCII)).isEqualTo("text one\0\"quoted");
    assertThat(set.train().get(1).label()).isZero();
    assertThat(set.train().get(1).input()).hasSize(1 + 1 + 4000);
    assertThat(set.validation().get(0).input()).containsExactly('c', 0, 'd');
    assertThat(set.test().get(0).input()).containsExactly(0, 'd');
    file("new_aan_pairs.eval.tsv", "0\ta\tb\tc\td\n2\ta\tb\tc\td");
    assertFault(() -> LraRetrieval.open(folder), 10, "eval.tsv", "\"2\" in column 0 of row 1");
    file("new_aan_pairs.eval.tsv", "0\ta\tb\tc\n");
    assertFault(() -> LraRetrieval.open(folder), 0, "4 cells", "5 cells");
  }

  @Test
  void textIsRead() {
    for (int i = 0; i < 10; i++) {
      file("train/neg/" + i + "_1.txt", "bad " + i);
      file("train/pos/" + i + "_9.txt", "good " + i);
    }
    file("train/unsup/0_0.txt", "?");
    file("test/neg/0_2.txt", "b".repeat(4001));
    file("test/pos/0_8.txt", "é");
    ExampleSet set = LraText.open(folder);
    assertThat(set.classes()).containsExactly("neg", "pos");
    assertThat(set.train().size()).isEqualTo(20);
    assertThat(set.validation().size()).isZero();
    assertThat(set.test().get(0).input()).hasSize(4000);
    assertThat(set.test().get(1).label()).isEqualTo(1);
    ExampleSet split = LraText.open(folder, 6);
    Set<String> seen = new TreeSet<>();
    int positive = 0;
    for (int i = 0; i < 20; i++) {
      Example example = i < 14 ? split.train().get(i) : split.validation().get(i - 14);
      String text = new String(example.input(), US_ASCII);
      assertThat(text).startsWith(example.label() == 1 ? "good" : "bad");
      seen.add(text);
      positive += i < 14 ? 0 : example.label();
    }
    assertThat(seen).hasSize(20);
    assertThat(positive).isBetween(1, 5);
    assertThatThrownBy(() -> LraText.open(folder, 20)).hasMessageContaining("20 of 20");
    file("test/neg/1_2.txt", "");
    ExampleSet empty = LraText.open(folder);
    assertThatThrownBy(() -> empty.test().get(1)).hasMessageContainingAll("1_2.txt", "empty");
    assertThatThrownBy(() -> LraText.open(folder.resolve("train")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("neg", "no such folder", ".txt");
  }

  private void pathfinder(String level, int metadata, int pictures) {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < pictures; i++) {
      byte[] raster = new byte[16];
      raster[0] = (byte) (100 * metadata + i);
      MediaFiles.write(
          folder.resolve("%s/imgs/%d/sample_%d.png".formatted(level, metadata, i)),
          MediaFiles.greyPng(4, raster));
      lines.append("imgs/%d sample_%d.png %d %d 2.5 7 14\n".formatted(metadata, i, i, i % 2));
    }
    file("%s/metadata/%d.npy".formatted(level, metadata), lines.toString());
  }

  @Test
  void pathfinderIsRead() throws IOException {
    pathfinder("curv_contour_length_14", 0, 8);
    pathfinder("curv_contour_length_14", 1, 13);
    Files.write(folder.resolve("curv_contour_length_14/imgs/1/sample_12.png"), new byte[0]);
    ExampleSet set = LraPathfinder.open(folder);
    assertThat(set.train().size()).isEqualTo(16);
    assertThat(set.validation().size()).isEqualTo(2);
    assertThat(set.test().size()).isEqualTo(2);
    TreeMap<Integer, Integer> seen = new TreeMap<>();
    for (Examples split : new Examples[] {set.train(), set.validation(), set.test()}) {
      for (int i = 0; i < split.size(); i++) {
        assertThat(split.get(i).input()).hasSize(16);
        seen.put(split.get(i).input()[0] & 0xFF, split.get(i).label());
      }
    }
    assertThat(seen).hasSize(20).containsEntry(3, 1).containsEntry(102, 0).doesNotContainKey(112);
    assertThat(LraPathfinder.open(folder).test().get(1).input())
        .isEqualTo(set.test().get(1).input());
    assertThatThrownBy(() -> LraPathfinder.open(folder, LraPathfinder.Level.EASY))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("curv_baseline");
  }

  @Test
  void badPathfindersAreExplained() {
    String level = "curv_baseline";
    pathfinder(level, 0, 3);
    String first = "imgs/0 sample_0.png 0 1 2.5\n";
    for (String line :
        new String[] {
          "imgs/0 sample_1.png 1 2 2.5",
          "imgs/0 sample_1.png",
          "imgs/0 sample_9.png 1 1 2.5",
          "../curv_baseline/imgs/0/../../.. x.png 1 1 2.5"
        }) {
      file(level + "/metadata/0.npy", first + line + "\n");
      assertFault(
          () -> LraPathfinder.open(folder, LraPathfinder.Level.EASY),
          28,
          "0.npy",
          line.substring(0, 10));
    }
    pathfinder(level, 0, 3);
    MediaFiles.write(
        folder.resolve(level + "/imgs/0/sample_2.png"), MediaFiles.greyPng(5, new byte[25]));
    ExampleSet set = LraPathfinder.open(folder, LraPathfinder.Level.EASY);
    Examples[] splits = {set.train(), set.validation(), set.test()};
    assertThatThrownBy(
            () -> {
              for (Examples split : splits) {
                for (int i = 0; i < split.size(); i++) {
                  split.get(i);
                }
              }
            })
        .isInstanceOf(MalformedFileException.class)
        .hasMessageContainingAll("sample_2.png", "5 by 5 pixels", "4 by 4");
  }
}
