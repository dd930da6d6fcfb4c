package org.megalab.data.file;

import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/**
 * The frame of a PNG file, checked before it is decoded: every chunk with its checksum, up to the
 * end chunk. Decoders differ in what of this they look at.
 */
final class PngChunks {
  static final String SIGNATURE = "\u0089PNG\r\n\u001a\n";
  private static final int CHUNK = 1 << 16;

  private PngChunks() {}

  static void check(Fields fields) {
    long at = SIGNATURE.length();
    long width = fields.int32BigEndian(at + 8, "the width");
    long height = fields.int32BigEndian(at + 12, "the height");
    long packed = 0;
    String type = "";
    while (!type.equals("IEND")) {
      long length = fields.int32BigEndian(at, "the length of a chunk");
      type = fields.text(at + 4, 4, "the type of a chunk");
      if (at == SIGNATURE.length() && !type.equals("IHDR")) {
        throw fields.fault(
            at + 4,
            Fields.shown(type.getBytes(StandardCharsets.ISO_8859_1)),
            "\"IHDR\"",
            Fields.FETCH_AGAIN);
      }
      if (length > fields.length() - at - 12) {
        throw fields.fault(
            at,
            "a chunk \"%s\" of %d bytes".formatted(type, length),
            "at most the %d that follow".formatted(Math.max(0, fields.length() - at - 12)),
            Fields.FETCH_AGAIN);
      }
      packed += type.equals("IDAT") ? length : 0;
      checksum(fields, at, length);
      at += 12 + length;
    }
    // a row has at least one bit a pixel and one byte more, and deflate packs by 1032 at most
    if (height * (width / 8 + 1) / Inflation.MOST > packed) {
      throw fields.fault(
          SIGNATURE.length() + 8,
          "%d by %d pixels in %d packed bytes".formatted(width, height, packed),
          "as many pixels as these bytes can hold",
          Fields.FETCH_AGAIN);
    }
  }

  private static void checksum(Fields fields, long at, long length) {
    CRC32 crc = new CRC32();
    for (long done = 0; done < length + 4; done += CHUNK) {
      int count = (int) Math.min(CHUNK, length + 4 - done);
      crc.update(fields.take(at + 4 + done, count, "a chunk"));
    }
    long expected = fields.int32BigEndian(at + 8 + length, "a checksum");
    if (crc.getValue() != expected) {
      throw fields.fault(
          at + 8 + length,
          "the checksum %08x".formatted(expected),
          "%08x for what is there".formatted(crc.getValue()),
          Fields.FETCH_AGAIN);
    }
  }
}
