package org.megalab.data.file;

/** How a sample of sound is written. Samples are converted through 16 bits. */
public enum WavEncoding {
  /** One byte without a sign, 128 for silence. */
  PCM8(1, 1),
  /** Two bytes, the less significant first. */
  PCM16(1, 2),
  /** One byte of µ-law (ITU-T G.711), 0xFF for silence. */
  MU_LAW(7, 1);

  private static final int BIAS = 132;
  private static final int CLIP = 32635;

  private final int tag;
  private final int width;

  WavEncoding(int tag, int width) {
    this.tag = tag;
    this.width = width;
  }

  /** The number of the encoding in a WAV header: 1 for PCM, 7 for µ-law. */
  int tag() {
    return tag;
  }

  /** Returns the bytes of a sample. */
  public int width() {
    return width;
  }

  /** Returns sample {@code index} as 16 bits. */
  public int sample(byte[] bytes, int index) {
    return switch (this) {
      case PCM8 -> (bytes[index] & 0xFF) - 128 << 8;
      case PCM16 -> (short) (bytes[2 * index] & 0xFF | bytes[2 * index + 1] << 8);
      case MU_LAW -> muLaw(bytes[index]);
    };
  }

  /** Writes a sample of 16 bits as sample {@code index}; what is lost is rounded off. */
  public void write(int sample, byte[] bytes, int index) {
    switch (this) {
      case PCM8 -> bytes[index] = (byte) Math.min(255, (sample + 32768 + 128) >> 8);
      case PCM16 -> {
        bytes[2 * index] = (byte) sample;
        bytes[2 * index + 1] = (byte) (sample >> 8);
      }
      case MU_LAW -> bytes[index] = muLaw(sample);
    }
  }

  /** Returns the same samples in another encoding. */
  public byte[] convert(byte[] bytes, WavEncoding to) {
    byte[] converted = new byte[bytes.length / width * to.width];
    for (int i = 0; i < bytes.length / width; i++) {
      to.write(sample(bytes, i), converted, i);
    }
    return converted;
  }

  /** Returns bytes of silence. */
  public byte[] silence(int samples) {
    byte[] bytes = new byte[samples * width];
    for (int i = 0; i < samples; i++) {
      write(0, bytes, i);
    }
    return bytes;
  }

  private static int muLaw(byte code) {
    int u = ~code & 0xFF;
    int magnitude = ((u & 0x0F) * 8 + BIAS << (u >> 4 & 7)) - BIAS;
    return (u & 0x80) != 0 ? -magnitude : magnitude;
  }

  private static byte muLaw(int sample) {
    int magnitude = Math.min(Math.abs(sample), CLIP) + BIAS;
    int segment = 24 - Integer.numberOfLeadingZeros(magnitude);
    int sign = sample < 0 ? 0x80 : 0;
    return (byte) ~(sign | segment << 4 | magnitude >> segment + 3 & 0x0F);
  }
}
