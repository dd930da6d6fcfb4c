package org.megalab.data.file;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.zip.CRC32;

/**
 * Files in gzip (RFC 1952): one member or several, one after the other, each with its checksum and
 * length. Anything else behind the last member is refused.
 */
final class Gzip {
  private static final int HEADER_CRC = 2;
  private static final int EXTRA = 4;
  private static final int NAME = 8;
  private static final int COMMENT = 16;
  private static final int RESERVED = 0xE0;

  private final Path file;
  private final ByteInput in;
  private final CRC32 header = new CRC32();

  private Gzip(Path file, ByteInput in) {
    this.file = file;
    this.in = in;
  }

  /**
   * Decompresses a file.
   *
   * @throws IllegalArgumentException if it is not gzip, is cut off, damaged, or goes on with
   *     something else; what was written until then is worth nothing
   */
  static void decompress(Path file, OutputStream out) throws IOException {
    try (ByteInput in = new ByteInput(file)) {
      Gzip gzip = new Gzip(file, in);
      boolean first = true;
      while (first || in.fill()) {
        gzip.member(out, first);
        first = false;
      }
    }
  }

  private void member(OutputStream out, boolean first) throws IOException {
    header(first);
    CRC32 crc = new CRC32();
    CountingOutput counted = new CountingOutput(out);
    Inflation.inflate(in, counted, crc, file);
    check("checksum", crc.getValue());
    check("length, modulo 2^32,", counted.bytes() & 0xFFFF_FFFFL);
  }

  private void header(boolean first) throws IOException {
    long at = in.offset();
    header.reset();
    int magic = next(1, first);
    magic |= next(1, first) << 8;
    if (magic != 0x8B1F) {
      throw new MalformedFileException(
          file,
          at,
          "the bytes " + Fields.hex(magic, 2),
          first ? "1f 8b, with which gzip begins" : "the end of the file, or another gzip member",
          first
              ? "if the file is not compressed, take the ending .gz off its name"
              : "something was appended to the file: fetch it again");
    }
    int method = next(1, false);
    if (method != 8) {
      throw new MalformedFileException(
          file, at + 2, "the method " + method, "8 (deflate)", "compress the file with gzip");
    }
    int flags = next(1, false);
    if ((flags & RESERVED) != 0) {
      throw new MalformedFileException(
          file, at + 3, "the flags " + flags, "flags below 32", "the file is damaged");
    }
    next(6, false); // time, compressor, system
    if ((flags & EXTRA) != 0) {
      next(next(2, false), false);
    }
    for (int text = Integer.bitCount(flags & (NAME | COMMENT)); text > 0; text--) {
      while (next(1, false) != 0) {} // up to and including the zero that ends it
    }
    if ((flags & HEADER_CRC) != 0) {
      long crc = header.getValue() & 0xFFFF;
      long found = next(2, false);
      if (found != crc) {
        throw differs("checksum of the header", in.offset() - 2, found, crc);
      }
    }
  }

  private void check(String what, long computed) throws IOException {
    long at = in.offset();
    long found = next(4, false) & 0xFFFF_FFFFL;
    if (found != computed) {
      throw differs(what, at, found, computed);
    }
  }

  private MalformedFileException differs(String what, long at, long found, long computed) {
    return new MalformedFileException(
        file,
        at,
        "the %s %08x".formatted(what, found),
        "%08x, that of the data before it".formatted(computed),
        "the file is damaged: fetch it again");
  }

  /** Reads bytes; returns the first four of them as a number, the first the least significant. */
  private int next(int count, boolean first) throws IOException {
    int value = 0;
    for (int i = 0; i < count; i++) {
      int b = in.read();
      if (b < 0) {
        throw new MalformedFileException(
            file,
            in.offset(),
            "the end of the file",
            first ? "1f 8b, with which gzip begins" : "the rest of a gzip member",
            "the file is cut off: fetch it again");
      }
      header.update(b);
      value |= i < 4 ? b << 8 * i : 0;
    }
    return value;
  }
}
