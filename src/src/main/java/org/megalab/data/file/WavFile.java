package org.megalab.data.file;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Sound in a WAV file (RIFF): PCM of 8 or 16 bits or µ-law, one or two channels, read at any
 * position. Chunks other than {@code fmt } and {@code data} are skipped, with the byte behind a
 * chunk of odd length; the extensible format is read where it holds one of these encodings.
 */
public final class WavFile {
  private static final int EXTENSIBLE = 0xFFFE;
  private static final String GUID_TAIL = "000000001000800000aa00389b71"; // behind the tag

  private final WavEncoding encoding;
  private final int sampleRate;
  private final int channels;
  private final Document data;

  private WavFile(WavEncoding encoding, int sampleRate, int channels, Document data) {
    this.encoding = encoding;
    this.sampleRate = sampleRate;
    this.channels = channels;
    this.data = data;
  }

  private record Format(WavEncoding encoding, int sampleRate, int channels) {}

  /**
   * Opens a file: reads its header, no samples.
   *
   * @throws MalformedFileException if it is no WAV file, in another encoding, or is cut off
   * @throws IllegalArgumentException if there is no such file
   */
  public static WavFile open(Path path) {
    Fields fields = Fields.of(path);
    magic(fields, 0, "RIFF");
    magic(fields, 8, "WAVE");
    Format format = null;
    long at = 12;
    while (true) {
      if (at > fields.length() - 8) {
        throw fields.fault(
            at,
            "the end of the file",
            format == null ? "a chunk \"fmt \"" : "a chunk \"data\"",
            Fields.FETCH_AGAIN);
      }
      String id = fields.text(at, 4, "a chunk");
      long length = fields.int32(at + 4, "the length of a chunk");
      if (length > fields.length() - at - 8) {
        throw fields.fault(
            at + 4,
            "a chunk \"%s\" of %d bytes".formatted(id, length),
            "at most the %d that follow".formatted(fields.length() - at - 8),
            "the file was cut off, or written as a stream: write it again, as with sox");
      }
      if (id.equals("fmt ")) {
        format = format(fields, at + 8, length);
      } else if (id.equals("data")) {
        return data(fields, at, length, format);
      }
      at += 8 + length + (length & 1);
    }
  }

  private static WavFile data(Fields fields, long at, long length, @Nullable Format format) {
    if (format == null) {
      throw fields.fault(at, "a chunk \"data\"", "a chunk \"fmt \" before it", Fields.FETCH_AGAIN);
    }
    int frame = format.channels * format.encoding.width();
    if (length == 0 || length % frame != 0) {
      throw fields.fault(
          at + 4,
          length + " bytes of samples",
          "a positive multiple of " + frame,
          Fields.FETCH_AGAIN);
    }
    Document data = fields.bytes().part(fields.bytes().name(), at + 8, length);
    return new WavFile(format.encoding, format.sampleRate, format.channels, data);
  }

  private static void magic(Fields fields, long at, String expected) {
    String found = fields.text(at, 4, "\"" + expected + "\"");
    if (!found.equals(expected)) {
      throw fields.fault(
          at,
          Fields.shown(found.getBytes(StandardCharsets.ISO_8859_1)),
          "\"" + expected + "\"",
          "this is no WAV file; convert it, as with sox");
    }
  }

  private static Format format(Fields fields, long at, long length) {
    int tag = fields.int16(at, "the encoding");
    int channels = fields.int16(at + 2, "the channels");
    long rate = fields.int32(at + 4, "the sample rate");
    int frame = fields.int16(at + 12, "the bytes of a frame");
    int bits = fields.int16(at + 14, "the bits of a sample");
    if (tag == EXTENSIBLE) {
      tag = fields.int16(at + 24, "the encoding");
      String tail = HexFormat.of().formatHex(fields.take(at + 26, 14, "the encoding"));
      if (length < 40 || !tail.equals(GUID_TAIL)) {
        tag = EXTENSIBLE;
      }
    }
    WavEncoding encoding = null;
    for (WavEncoding known : WavEncoding.values()) {
      if (known.tag() == tag && known.width() * 8 == bits) {
        encoding = known;
      }
    }
    if (encoding == null) {
      throw fields.fault(
          at,
          "the encoding %d with %d bits a sample".formatted(tag, bits),
          "1 (PCM) with 8 or 16 bits, or 7 (µ-law) with 8",
          "convert it, as with sox -b 16");
    }
    if (channels < 1 || channels > 2 || frame != channels * encoding.width()) {
      throw fields.fault(
          at + 2,
          "%d channels in frames of %d bytes".formatted(channels, frame),
          "one or two channels of " + encoding.width() + " bytes",
          "mix it down, as with sox -c 1");
    }
    if (rate < 1 || rate > 1 << 20) {
      throw fields.fault(at + 4, "a sample rate of " + rate, "1 to 2^20 hertz", Fields.FETCH_AGAIN);
    }
    return new Format(encoding, (int) rate, channels);
  }

  /** Returns how a sample is written. */
  public WavEncoding encoding() {
    return encoding;
  }

  /** Returns the samples a second of a channel. */
  public int sampleRate() {
    return sampleRate;
  }

  /** Returns the number of channels, 1 or 2. */
  public int channels() {
    return channels;
  }

  /** Returns the number of samples of a channel. */
  public long frames() {
    return data.length() / channels / encoding.width();
  }

  /** Returns the bytes of the samples as they are in the file, the channels alternating. */
  public Document data() {
    return data;
  }

  /**
   * Reads samples as one channel, in the file's encoding: of two channels the mean, rounded down.
   *
   * @throws IllegalArgumentException if there are no such samples
   */
  public byte[] mono(long frame, int count) {
    int width = encoding.width();
    byte[] bytes = data.read(frame * channels * width, Math.multiplyExact(count, channels * width));
    if (channels == 1) {
      return bytes;
    }
    byte[] mono = new byte[count * width];
    for (int i = 0; i < count; i++) {
      int sum = encoding.sample(bytes, 2 * i) + encoding.sample(bytes, 2 * i + 1);
      encoding.write(sum >> 1, mono, i);
    }
    return mono;
  }

  /**
   * Returns the bytes of a file of one channel.
   *
   * @param samples in the encoding
   * @throws IllegalArgumentException if there are no samples, or a last one is cut off
   */
  public static byte[] bytes(WavEncoding encoding, int sampleRate, byte[] samples) {
    int width = encoding.width();
    if (samples.length == 0 || samples.length % width != 0 || sampleRate < 1) {
      throw new IllegalArgumentException(
          "%d bytes at %d hertz are no sound in %s; give whole samples and a positive rate"
              .formatted(samples.length, sampleRate, encoding));
    }
    boolean pcm = encoding.tag() == 1;
    int format = pcm ? 16 : 18; // what is not PCM says the length of its extension: 0
    int fact = pcm ? 0 : 12; // and how many samples there are
    int odd = samples.length & 1; // chunks begin at even places
    int length = 20 + format + fact + 8 + samples.length + odd;
    ByteBuffer wav = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    wav.put(ascii("RIFF")).putInt(length - 8).put(ascii("WAVEfmt ")).putInt(format);
    wav.putShort((short) encoding.tag()).putShort((short) 1); // one channel
    wav.putInt(sampleRate).putInt(sampleRate * width);
    wav.putShort((short) width).putShort((short) (8 * width));
    if (!pcm) {
      wav.putShort((short) 0).put(ascii("fact")).putInt(4).putInt(samples.length / width);
    }
    wav.put(ascii("data")).putInt(samples.length).put(samples);
    return wav.array();
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /**
   * Writes a file of one channel; errors as in {@link #bytes}.
   *
   * @param samples in the encoding
   * @throws UncheckedIOException if it cannot be written
   */
  public static void write(Path path, WavEncoding encoding, int sampleRate, byte[] samples) {
    byte[] bytes = bytes(encoding, sampleRate, samples);
    try {
      Files.write(path, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(path.toAbsolutePath() + ": it cannot be written: " + e, e);
    }
  }

  @Override
  public String toString() {
    return "%s (%s, %d Hz, %d channels, %d samples)"
        .formatted(data.name(), encoding, sampleRate, channels, frames());
  }
}
