package org.megalab.data.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.megalab.data.Numbers;
import org.megalab.data.ShippedData;

class WavFileTest {
  @TempDir Path folder;

  private WavFile open(byte[] bytes) {
    return WavFile.open(MediaFiles.write(folder.resolve("a.wav"), bytes));
  }

  private void assertFault(byte[] bytes, long offset, String... parts) {
    Path path = MediaFiles.write(folder.resolve("bad.wav"), bytes);
    assertThatThrownBy(() -> WavFile.open(path))
        .isInstanceOfSatisfying(
            MalformedFileException.class, e -> assertThat(e.offset()).isEqualTo(offset))
        .hasMessageContaining(path.toString())
        .hasMessageContainingAll(parts);
  }

  @Test
  void readsPcmAndMuLaw() {
    WavFile pcm = open(MediaFiles.wav(1, 16000, 16, new byte[] {1, 2, 3, 4}));
    assertThat(pcm.encoding()).isEqualTo(WavEncoding.PCM16);
    assertThat(pcm.sampleRate()).isEqualTo(16000);
    assertThat(pcm.channels()).isEqualTo(1);
    assertThat(pcm.frames()).isEqualTo(2);
    assertThat(pcm.mono(1, 1)).containsExactly(3, 4);
    assertThat(pcm.data().read(1, 2)).containsExactly(2, 3);
    assertThat(open(MediaFiles.wav(1, 8000, 8, new byte[3])).encoding())
        .isEqualTo(WavEncoding.PCM8);
    WavFile law = open(MediaFiles.wav(7, 8000, 8, new byte[] {5, 6, 7}));
    assertThat(law.encoding()).isEqualTo(WavEncoding.MU_LAW);
    assertThat(law.data().length()).isEqualTo(3);
    assertThatThrownBy(() -> law.mono(2, 2)).hasMessageContaining("has 3 bytes");
    assertThatThrownBy(() -> law.data().read(3, 1)).hasMessageContaining("a.wav");
  }

  @Test
  void skipsOtherChunksAndTheirPadding() {
    byte[] wav =
        MediaFiles.wav(
            MediaFiles.chunk("LIST", new byte[] {1, 2, 3}), // odd: a byte follows
            MediaFiles.chunk("fmt ", MediaFiles.format(1, 1, 100, 16)),
            MediaFiles.chunk("junk", new byte[0]),
            MediaFiles.chunk("data", new byte[] {8, 9}),
            MediaFiles.chunk("data", new byte[] {6, 6}));
    assertThat(open(wav).mono(0, 1)).containsExactly(8, 9);
  }

  @Test
  void readsTheExtensibleFormat() {
    byte[] guid = HexFormat.of().parseHex("0100000000001000800000aa00389b71");
    byte[] format =
        MediaFiles.join(
            MediaFiles.format(0xFFFE, 2, 44100, 16),
            MediaFiles.little(2, 22),
            MediaFiles.little(2, 16),
            MediaFiles.little(4, 3),
            guid);
    byte[] wav =
        MediaFiles.wav(MediaFiles.chunk("fmt ", format), MediaFiles.chunk("data", new byte[8]));
    assertThat(open(wav).frames()).isEqualTo(2);
    format[39] = 0;
    assertFault(
        MediaFiles.wav(MediaFiles.chunk("fmt ", format), MediaFiles.chunk("data", new byte[8])),
        20,
        "encoding 65534 with 16 bits");
  }

  @Test
  void twoChannelsBecomeTheirMean() {
    byte[] samples = new byte[8];
    int[] values = {1000, 2000, -7, -8};
    for (int i = 0; i < 4; i++) {
      WavEncoding.PCM16.write(values[i], samples, i);
    }
    WavFile stereo =
        open(
            MediaFiles.wav(
                MediaFiles.chunk("fmt ", MediaFiles.format(1, 2, 16000, 16)),
                MediaFiles.chunk("data", samples)));
    assertThat(stereo.frames()).isEqualTo(2);
    byte[] mono = stereo.mono(0, 2);
    assertThat(WavEncoding.PCM16.sample(mono, 0)).isEqualTo(1500);
    assertThat(WavEncoding.PCM16.sample(mono, 1)).isEqualTo(-8);
    assertThat(stereo.mono(1, 1)).isEqualTo(Arrays.copyOfRange(mono, 2, 4));
    assertThat(stereo.data().length()).isEqualTo(8);
  }

  @ParameterizedTest
  @EnumSource
  void writesWhatItReads(WavEncoding encoding) throws IOException {
    byte[] samples = MediaFiles.ramp(7 * encoding.width());
    Path path = folder.resolve("w.wav");
    WavFile.write(path, encoding, 16000, samples);
    WavFile file = WavFile.open(path);
    assertThat(file.encoding()).isEqualTo(encoding);
    assertThat(file.sampleRate()).isEqualTo(16000);
    assertThat(file.mono(0, 7)).isEqualTo(samples);
    byte[] bytes = Files.readAllBytes(path);
    int riff = bytes[4] & 0xFF | (bytes[5] & 0xFF) << 8;
    assertThat(riff + 8).isEqualTo(bytes.length);
    assertThat(bytes.length % 2).isZero();
    assertThatThrownBy(() -> WavFile.write(path, encoding, 16000, new byte[0]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("0 bytes");
  }

  /** The decoder was written down from G.711; the encoder must be its inverse. */
  @Test
  void muLawIsItsOwnInverse() {
    byte[] code = new byte[1];
    byte[] again = new byte[1];
    for (int c = 0; c < 256; c++) {
      code[0] = (byte) c;
      WavEncoding.MU_LAW.write(WavEncoding.MU_LAW.sample(code, 0), again, 0);
      assertThat(again[0]).isEqualTo(c == 0x7F ? (byte) 0xFF : (byte) c); // there are two zeros
    }
    // G.711, table 2a/2b, in 16 bits: the ends and the first steps
    assertThat(WavEncoding.MU_LAW.sample(new byte[] {(byte) 0x80}, 0)).isEqualTo(32124);
    assertThat(WavEncoding.MU_LAW.sample(new byte[] {(byte) 0x00}, 0)).isEqualTo(-32124);
    assertThat(WavEncoding.MU_LAW.sample(new byte[] {(byte) 0xFE}, 0)).isEqualTo(8);
    assertThat(WavEncoding.MU_LAW.sample(new byte[] {(byte) 0xEF}, 0)).isEqualTo(132);
    for (int sample = -32768; sample < 32768; sample += 13) { // the nearest of the 255 values
      WavEncoding.MU_LAW.write(sample, code, 0);
      int error = Math.abs(WavEncoding.MU_LAW.sample(code, 0) - sample);
      int segment = ~(code[0] & 0xFF) >> 4 & 7;
      assertThat(error)
          .as("%d", sample)
          .isLessThanOrEqualTo(Math.abs(sample) > 32635 ? 644 : 4 << segment);
    }
  }

  @Test
  void encodingsConvert() {
    byte[] pcm = new byte[6];
    WavEncoding.PCM16.write(0, pcm, 0);
    WavEncoding.PCM16.write(-32768, pcm, 1);
    WavEncoding.PCM16.write(32767, pcm, 2);
    assertThat(WavEncoding.PCM16.convert(pcm, WavEncoding.PCM8)).containsExactly(128, 0, 255);
    assertThat(WavEncoding.PCM16.convert(pcm, WavEncoding.MU_LAW)).containsExactly(0xFF, 0, 0x80);
    assertThat(WavEncoding.PCM8.silence(2)).containsExactly(128, 128);
    assertThat(WavEncoding.MU_LAW.silence(1)).containsExactly(0xFF);
    assertThat(WavEncoding.PCM16.silence(1)).containsExactly(0, 0);
    assertThat(Numbers.samples(WavEncoding.PCM8).of(new byte[] {0})).containsExactly(-1f);
    assertThat(Numbers.samples(WavEncoding.MU_LAW)).isEqualTo(Numbers.MU_LAW);
    assertThat(Numbers.samples(WavEncoding.PCM16)).isEqualTo(Numbers.PCM16);
  }

  @Test
  void shippedSpeechIsRead() {
    Path speech = ShippedData.require().folder().resolve("speech");
    WavFile read =
        WavFile.open(speech.resolve("librivox/sense_and_sensibility_01_austen_64kb-0880.wav"));
    assertThat(read.sampleRate()).isEqualTo(16000);
    assertThat(MediaFiles.crc(read.mono(0, (int) read.frames()))).isEqualTo("ddad018d");
    assertThat(WavFile.open(speech.resolve("voices/ru/n80_nohash_0.wav")).frames())
        .isEqualTo(8011); // odd, with a byte of padding
  }

  @Test
  void damageIsExplained() {
    byte[] wav = MediaFiles.wav(1, 16000, 16, MediaFiles.ramp(100));
    assertFault(MediaFiles.text("RIFX...."), 0, "\"RIFX\"", "RIFF");
    assertFault(MediaFiles.join(MediaFiles.text("RIFF"), new byte[8]), 8, "WAVE");
    assertFault(Arrays.copyOf(wav, wav.length - 1), 40, "\"data\" of 100 bytes", "99 that follow");
    assertFault(Arrays.copyOf(wav, 30), 16, "\"fmt \" of 16 bytes", "10");
    assertFault(Arrays.copyOf(wav, 38), 36, "the end of the file", "\"data\"");
    assertFault(Arrays.copyOf(wav, 12), 12, "the end of the file", "\"fmt \"");
    byte[] streamed = wav.clone();
    Arrays.fill(streamed, 40, 44, (byte) 0xFF);
    assertFault(streamed, 40, "4294967295 bytes", "written as a stream");
    assertFault(MediaFiles.wav(1, 16000, 24, new byte[6]), 20, "encoding 1 with 24 bits", "sox");
    assertFault(MediaFiles.wav(3, 16000, 32, new byte[8]), 20, "encoding 3 with 32 bits");
    assertFault(MediaFiles.wav(1, 0, 16, new byte[8]), 24, "sample rate of 0");
    assertFault(MediaFiles.wav(1, 16000, 16, new byte[7]), 40, "7 bytes", "multiple of 2");
    assertFault(MediaFiles.wav(1, 16000, 16, new byte[0]), 40, "0 bytes");
    assertFault(
        MediaFiles.wav(
            MediaFiles.chunk("fmt ", MediaFiles.format(1, 6, 16000, 16)),
            MediaFiles.chunk("data", new byte[12])),
        22,
        "6 channels");
    assertFault(MediaFiles.wav(MediaFiles.chunk("data", new byte[12])), 12, "before it");
  }
}
