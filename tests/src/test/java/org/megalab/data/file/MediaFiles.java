package org.megalab.data.file;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Files of the formats, put together byte by byte and not by the library's writers. */
public final class MediaFiles {
  private MediaFiles() {}

  /** The checksum that {@code zlib.crc32} of Python gives. */
  public static String crc(byte[] bytes) {
    CRC32 crc = new CRC32();
    crc.update(bytes);
    return "%08x".formatted(crc.getValue());
  }

  public static byte[] join(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  public static byte[] text(String text) {
    return text.getBytes(ISO_8859_1);
  }

  public static byte[] big(int value) {
    return ByteBuffer.allocate(4).putInt(value).array();
  }

  public static byte[] little(int width, long value) {
    ByteBuffer bytes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value);
    return java.util.Arrays.copyOf(bytes.array(), width);
  }

  /** Bytes 0, 1, 2 … modulo 251. */
  public static byte[] ramp(int count) {
    byte[] bytes = new byte[count];
    for (int i = 0; i < count; i++) {
      bytes[i] = (byte) (i % 251);
    }
    return bytes;
  }

  /** Writes a file, and the folders in which it lies. */
  public static Path write(Path path, byte[]... parts) {
    try {
      Files.createDirectories(path.resolveSibling("."));
      return Files.write(path, join(parts));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static byte[] gzip(byte[] bytes) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(all)) {
      out.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return all.toByteArray();
  }

  public static byte[] idx(byte[] data, int... shape) {
    byte[] idx = {0, 0, 8, (byte) shape.length};
    for (int n : shape) {
      idx = join(idx, big(n));
    }
    return join(idx, data);
  }

  public static byte[] npy(String type, String shape, byte[] data) {
    String header =
        "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }\n".formatted(type, shape);
    return join(text("\u0093NUMPY\u0001\0"), little(2, header.length()), text(header), data);
  }

  /** An archive of deflated members in the order of their names. */
  public static byte[] zip(Map<String, byte[]> members) {
    return zipped(new TreeMap<>(members));
  }

  /** An archive of deflated members, a name and a text each, in this order. */
  public static byte[] zip(String... members) {
    Map<String, byte[]> inOrder = new LinkedHashMap<>();
    for (int i = 0; i < members.length; i += 2) {
      inOrder.put(members[i], members[i + 1].getBytes(UTF_8));
    }
    return zipped(inOrder);
  }

  private static byte[] zipped(Map<String, byte[]> members) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    try (ZipOutputStream out = new ZipOutputStream(all)) {
      for (Map.Entry<String, byte[]> member : members.entrySet()) {
        out.putNextEntry(new ZipEntry(member.getKey()));
        out.write(member.getValue());
        out.closeEntry();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return all.toByteArray();
  }

  public static byte[] pngChunk(String type, byte[] data) {
    CRC32 crc = new CRC32();
    crc.update(join(text(type), data));
    return join(big(data.length), text(type), data, big((int) crc.getValue()));
  }

  /**
   * A PNG file.
   *
   * @param kind 0 grey, 2 RGB, 3 palette, 4 grey and opacity, 6 RGB and opacity
   * @param rows the packed bytes of the rows, without filters
   * @param palette the bytes of a palette, or none
   */
  public static byte[] png(
      int width, int height, int bits, int kind, byte[] rows, byte... palette) {
    int row = rows.length / height;
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (DeflaterOutputStream out = new DeflaterOutputStream(packed)) {
      for (int i = 0; i < height; i++) {
        out.write(0);
        out.write(rows, i * row, row);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    byte[] header = join(big(width), big(height), new byte[] {(byte) bits, (byte) kind, 0, 0, 0});
    return join(
        text("\u0089PNG\r\n\u001a\n"),
        pngChunk("IHDR", header),
        palette.length == 0 ? new byte[0] : pngChunk("PLTE", palette),
        pngChunk("IDAT", packed.toByteArray()),
        pngChunk("IEND", new byte[0]));
  }

  /** A grey PNG of bytes. */
  public static byte[] greyPng(int side, byte[] raster) {
    return png(side, side, 8, 0, raster);
  }

  /** A PNG of red, green and blue bytes. */
  public static byte[] rgbPng(int side, byte[] raster) {
    return png(side, side, 8, 2, raster);
  }

  public static byte[] chunk(String id, byte[] data) {
    return join(text(id), little(4, data.length), data, new byte[data.length & 1]);
  }

  public static byte[] format(int tag, int channels, int rate, int bits) {
    return join(
        little(2, tag),
        little(2, channels),
        little(4, rate),
        little(4, (long) rate * channels * bits / 8),
        little(2, channels * bits / 8),
        little(2, bits));
  }

  /** A WAV file of chunks. */
  public static byte[] wav(byte[]... chunks) {
    byte[] body = join(text("WAVE"), join(chunks));
    return join(text("RIFF"), little(4, body.length), body);
  }

  /** A WAV file of one channel. */
  public static byte[] wav(int tag, int rate, int bits, byte[] samples) {
    return wav(chunk("fmt ", format(tag, 1, rate, bits)), chunk("data", samples));
  }
}
