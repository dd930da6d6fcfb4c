package org.megalab.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.megalab.data.file.MalformedFileException;
import org.megalab.data.file.MediaFiles;

class AudioCorpusTest {
  @TempDir Path folder;

  private void wav(String name, int tag, int bits, byte... samples) {
    MediaFiles.write(folder.resolve(name), MediaFiles.wav(tag, 16000, bits, samples));
  }

  private static String crc(Split split) {
    return MediaFiles.crc(
        MediaFiles.join(
            split.documents().stream()
                .map(d -> d.read(0, (int) d.length()))
                .toArray(byte[][]::new)));
  }

  /** The checksums were computed in Python. */
  @Test
  void shippedSpeechIsRead() {
    Path speech = ShippedData.require().folder().resolve("speech");
    Corpus voices = AudioCorpus.open(speech.resolve("voices"));
    assertThat(voices.name()).isEqualTo("voices");
    assertThat(voices.train().documents()).hasSize(100);
    assertThat(voices.train().bytes()).isEqualTo(602580);
    assertThat(crc(voices.train())).isEqualTo("6fa2b2b5");
    assertThat(voices.validation().documents()).hasSize(20);
    assertThat(voices.test().documents()).hasSize(20);
    Corpus read = AudioCorpus.open(speech.resolve("librivox"));
    assertThat(read.train().bytes()).isEqualTo(227200 + 95680 + 169600);
    assertThat(crc(read.validation())).isEqualTo("405f78a2");
    assertThat(crc(read.test())).isEqualTo("1f6e3f63");
    assertThat(new RandomWindows(read.train(), 1024, 2, 0, 2).batch(0)).hasDimensions(2, 1024);
  }

  @Test
  void splitsAreRead() {
    wav("train/a.wav", 7, 8, (byte) 1, (byte) 2, (byte) 3);
    wav("train/b.wav", 7, 8, (byte) 4);
    wav("valid/a.wav", 7, 8, (byte) 5);
    Corpus corpus = AudioCorpus.open(folder);
    assertThat(corpus.train().documents().get(0).read(1, 2)).containsExactly(2, 3);
    assertThat(corpus.validation().bytes()).isEqualTo(1);
    assertThat(corpus.test().documents()).isEmpty();
  }

  @Test
  void faultsAreExplained() {
    wav("a.wav", 1, 16, (byte) 1, (byte) 2);
    wav("b.wav", 1, 16, (byte) 1, (byte) 2);
    assertThatThrownBy(() -> AudioCorpus.open(folder))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("2 WAV files", "at least 3");
    wav("c.wav", 1, 8, (byte) 1, (byte) 2);
    assertThatThrownBy(() -> AudioCorpus.open(folder))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageContainingAll("c.wav", "PCM8 at 16000 hertz", "PCM16 at 16000 hertz");
    assertThatThrownBy(() -> AudioCorpus.open(folder.resolve("gone")))
        .hasMessageContaining("no such folder");
  }
}
