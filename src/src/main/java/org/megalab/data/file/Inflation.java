package org.megalab.data.file;

import java.io.IOException;
import java.io.OutputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Raw deflate (RFC 1951), which gzip files and zip archives share. */
final class Inflation {
  /** No stream inflates to more than this many times its length. */
  static final long MOST = 1032;

  private Inflation() {}

  /**
   * Inflates one stream; the input is left behind its last byte.
   *
   * @param crc is given every byte of the result
   * @param where what errors name
   * @throws IllegalArgumentException if the stream is cut off or damaged
   */
  static void inflate(ByteInput in, OutputStream out, CRC32 crc, Object where) throws IOException {
    Inflater inflater = new Inflater(true);
    byte[] chunk = new byte[1 << 16];
    try {
      while (!inflater.finished()) {
        if (!in.fill()) {
          throw new MalformedFileException(
              where,
              in.offset(),
              "the end of the file",
              "more compressed data",
              "the file is cut off: fetch it again");
        }
        int given = in.available();
        inflater.setInput(in.buffer(), in.position(), given);
        int n;
        do {
          n = inflater.inflate(chunk);
          crc.update(chunk, 0, n);
          out.write(chunk, 0, n);
        } while (n > 0);
        in.consume(given - inflater.getRemaining());
        if (inflater.needsDictionary()) {
          throw damaged(in, "a call for a preset dictionary", where);
        }
      }
    } catch (DataFormatException e) {
      throw damaged(in, "damaged data (" + e.getMessage() + ") at this byte or soon after", where);
    } finally {
      inflater.end();
    }
  }

  private static MalformedFileException damaged(ByteInput in, String found, Object where) {
    return new MalformedFileException(
        where, in.offset(), found, "a deflate stream", "the file is damaged: fetch it again");
  }
}
