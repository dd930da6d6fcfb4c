package org.megalab.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.megalab.data.file.MalformedFileException;
import org.megalab.data.file.MediaFiles;

class SpeechCommandsTest {
  @TempDir Path folder;

  private void clip(String name, int... samples) {
    byte[] bytes = new byte[0];
    for (int sample : samples) {
      bytes = MediaFiles.join(bytes, MediaFiles.little(2, sample));
    }
    MediaFiles.write(folder.resolve(name), MediaFiles.wav(1, 4, 16, bytes));
  }

  private void list(String name, String... clips) {
    MediaFiles.write(folder.resolve(name), MediaFiles.text(String.join("\n", clips) + "\n"));
  }

  @BeforeEach
  void threeWords() {
    clip("yes/a_nohash_0.wav", 1, 2, 3, 4);
    clip("yes/b_nohash_0.wav", 5, 6);
    clip("no/a_nohash_0.wav", 1, 2, 3, 4, 5, 6);
    clip("no/c_nohash_0.wav", 7);
    clip("marvin/a_nohash_1.wav", 8);
    clip("_background_noise_/hum.wav", 1);
    list("validation_list.txt", "yes/b_nohash_0.wav");
    list("testing_list.txt", "no/c_nohash_0.wav", "marvin/a_nohash_1.wav");
  }

  @Test
  void readsThePublicLayout() {
    ExampleSet set = SpeechCommands.open(folder);
    assertThat(set.classes()).containsExactly("marvin", "no", "yes");
    assertThat(set.numbers()).isEqualTo(Numbers.PCM16);
    assertThat(set.train().size()).isEqualTo(2);
    assertThat(set.train().get(0).label()).isEqualTo(1);
    assertThat(set.train().get(0).input()).containsExactly(1, 0, 2, 0, 3, 0, 4, 0); // cut
    assertThat(set.train().get(1).label()).isEqualTo(2);
    assertThat(set.validation().get(0).input()).containsExactly(5, 0, 6, 0, 0, 0, 0, 0); // padded
    assertThat(set.test().size()).isEqualTo(2);
    assertThat(set.test().get(0).input()).containsExactly(8, 0, 0, 0, 0, 0, 0, 0);
    assertThat(set.test().get(0).label()).isZero();
  }

  @Test
  void someWordsAreClassesInTheirOrder() {
    ExampleSet set = SpeechCommands.open(folder, List.of("yes", "no"));
    assertThat(set.classes()).containsExactly("yes", "no");
    assertThat(set.train().get(0).label()).isZero();
    assertThat(set.test().size()).isEqualTo(1);
    assertThat(set.test().get(0).label()).isEqualTo(1);
    assertThat(SpeechCommands.SC10).hasSize(10);
    assertThatThrownBy(() -> SpeechCommands.open(folder, SpeechCommands.SC10))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("up", "no such folder");
  }

  /** The checksums were computed in Python. */
  @Test
  void shippedVoicesAreWhole() {
    ExampleSet set = SpeechCommands.open(ShippedData.require().folder().resolve("speech/voices"));
    assertThat(set.toString())
        .isEqualTo("voices (train 100, validation 20, test 20 examples; 5 classes)");
    assertThat(set.classes()).containsExactly("en", "es", "fr", "it", "ru");
    assertThat(set.numbers()).isEqualTo(Numbers.MU_LAW);
    assertThat(MediaFiles.crc(set.train().get(0).input())).isEqualTo("60bcfff3");
    assertThat(crc(set.train())).isEqualTo("48109d54");
    assertThat(crc(set.test())).isEqualTo("718f2779");
    assertThat(set.train().get(99).label()).isEqualTo(4);
  }

  private static String crc(Examples examples) {
    byte[][] all = new byte[examples.size()][];
    for (int i = 0; i < all.length; i++) {
      all[i] = examples.get(i).input();
    }
    return MediaFiles.crc(MediaFiles.join(all));
  }

  @Test
  void faultsAreExplained() {
    MediaFiles.write(folder.resolve("no/d.wav"), MediaFiles.wav(7, 4, 8, new byte[4]));
    ExampleSet mixed = SpeechCommands.open(folder);
    assertThatThrownBy(() -> mixed.train().get(1))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageContainingAll("d.wav", "MU_LAW at 4", "PCM16 at 4");
    for (String line :
        new String[] {"no/gone.wav", "down/a.wav", "no/../yes/a_nohash_0.wav", "x"}) {
      list("testing_list.txt", "no/c_nohash_0.wav", line);
      assertThatThrownBy(() -> SpeechCommands.open(folder))
          .isInstanceOfSatisfying(
              MalformedFileException.class, e -> assertThat(e.offset()).isEqualTo(18))
          .hasMessageContainingAll("testing_list.txt", line);
    }
    list("testing_list.txt", "no/c_nohash_0.wav", "down/a.wav");
    assertThat(SpeechCommands.open(folder, List.of("no")).test().size()).isEqualTo(1);
    MediaFiles.write(folder.resolve("testing_list.txt"), new byte[0]);
    assertThatThrownBy(() -> SpeechCommands.open(folder))
        .hasMessageContainingAll("testing_list.txt", "empty");
    list("testing_list.txt", "yes/a_nohash_0.wav", "no/a_nohash_0.wav");
    list("validation_list.txt", "yes/b_nohash_0.wav", "no/c_nohash_0.wav", "no/d.wav");
    assertThatThrownBy(() -> SpeechCommands.open(folder, List.of("yes", "no")))
        .hasMessageContaining("none is left to learn from");
  }
}
