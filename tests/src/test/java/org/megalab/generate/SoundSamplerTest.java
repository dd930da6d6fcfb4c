package org.megalab.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.megalab.data.Numbers.Format;
import org.megalab.model.SequenceModel;

class SoundSamplerTest {

  /** The JDK's own reader understands the files. */
  @Test
  void wavFilesAreThoseOfTheJdk(@TempDir Path folder) throws Exception {
    for (Format format : List.of(Format.PCM16, Format.MU_LAW)) {
      byte[] samples = new byte[format == Format.PCM16 ? 2002 : 1001];
      new java.util.Random(1).nextBytes(samples);
      Sound sound = new Sound(samples, format, 16000);
      assertThat(sound.seconds()).isEqualTo(1001 / 16000.0);
      Path file = folder.resolve(format + ".wav");
      sound.write(file);
      assertThat(Files.readAllBytes(file)).isEqualTo(sound.wav());
      try (AudioInputStream in =
          AudioSystem.getAudioInputStream(new ByteArrayInputStream(sound.wav()))) {
        AudioFormat read = in.getFormat();
        assertThat(read.getSampleRate()).isEqualTo(16000);
        assertThat(read.getChannels()).isEqualTo(1);
        assertThat(read.getEncoding())
            .isEqualTo(
                format == Format.PCM16
                    ? AudioFormat.Encoding.PCM_SIGNED
                    : AudioFormat.Encoding.ULAW);
        assertThat(read.getSampleSizeInBits()).isEqualTo(format == Format.PCM16 ? 16 : 8);
        assertThat(read.isBigEndian()).isFalse();
        assertThat(in.getFrameLength()).isEqualTo(1001);
        assertThat(in.readAllBytes()).isEqualTo(samples);
      }
    }
    assertThat(new Sound(new byte[4], Format.PCM16, 8000).wav()).hasSize(44 + 4);
  }

  /** The JDK decodes µ-law to the same samples. */
  @Test
  void muLawBecomesPcm() throws Exception {
    byte[] codes = new byte[256];
    for (int i = 0; i < 256; i++) {
      codes[i] = (byte) i;
    }
    Sound sound = new Sound(codes, Format.MU_LAW, 8000);
    Sound pcm = sound.pcm16();
    assertThat(pcm.seconds()).isEqualTo(sound.seconds());
    assertThat(pcm.pcm16()).isSameAs(pcm);
    try (AudioInputStream in =
            AudioSystem.getAudioInputStream(new ByteArrayInputStream(sound.wav()));
        AudioInputStream decoded =
            AudioSystem.getAudioInputStream(new AudioFormat(8000, 16, 1, true, false), in)) {
      assertThat(pcm.samples()).isEqualTo(decoded.readAllBytes());
    }
  }

  @Test
  void soundsGoOnFromTheirBeginning() {
    try (SequenceModel model =
        BatchGenerationTest.MEGABYTE.newModel().initialize(Device.cpu(), 4)) {
      Generator generator = new Generator(model, Sampling.builder().build());
      SoundSampler sampler = new SoundSampler(generator, Format.PCM16, 100);
      List<Sound> fresh = sampler.sample(2, 0.25);
      assertThat(fresh).allMatch(sound -> sound.samples().length == 50);
      assertThat(fresh.get(0).samples())
          .isEqualTo(generator.generate(new byte[0], 50).bytes())
          .isNotEqualTo(fresh.get(1).samples());
      Sound beginning = new Sound(new byte[] {1, 2, 3, 4}, Format.PCM16, 100);
      Sound longer = sampler.after(beginning, 1, 0.1).get(0);
      assertThat(longer.samples()).hasSize(24).startsWith(1, 2, 3, 4);
      assertThat(Arrays.copyOfRange(longer.samples(), 4, 24))
          .isEqualTo(generator.generate(beginning.samples(), 20).bytes());
      assertThatThrownBy(() -> sampler.after(new Sound(new byte[2], Format.PCM16, 8000), 1, 1))
          .hasMessageContaining("8000");
      assertThatThrownBy(() -> new SoundSampler(generator, Format.SYMBOL, 100))
          .hasMessageContaining("SYMBOL");
    }
    assertThatThrownBy(() -> new Sound(new byte[3], Format.PCM16, 100)).hasMessageContaining("3");
  }
}
