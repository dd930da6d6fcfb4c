package org.megalab.data.media;

import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.CRC32;
import java.util.zip.ZipException;
import org.megalab.data.Document;

/**
 * Decodes compressed data once, in constant memory, into a file in a temporary folder that is gone
 * when the process ends. Only what was decoded to its end, with the right length and checksum, is
 * ever handed out. The same file is not decoded twice.
 */
final class Spool {
  /** No deflate stream unpacks to more than this many times its length. */
  static final long MOST = 1032;

  private static final int CHUNK = 1 << 16;
  private static final Map<Key, Path> DONE = new ConcurrentHashMap<>();

  private Spool() {}

  private record Key(Path file, long size, FileTime written, String member) {}

  /** Opens a decoder over the compressed bytes. */
  interface Decoder {
    InputStream open(InputStream compressed) throws IOException;
  }

  /**
   * What is compressed and what must come of it.
   *
   * @param file the file that holds it
   * @param member its name in the file, or nothing
   * @param start its first byte in the file
   * @param compressed its bytes
   * @param length the bytes that it must unpack to
   * @param crc the checksum of these, or −1
   */
  record Packed(Path file, String member, long start, long compressed, long length, long crc) {
    String place() {
      return file.toAbsolutePath() + (member.isEmpty() ? "" : "!" + member);
    }
  }

  /** Decodes, or finds what was decoded before. */
  static Document decode(Packed packed, Decoder decoder) {
    if (packed.length / MOST > packed.compressed) {
      throw new MalformedFileException(
          packed.place(),
          packed.start,
          "%d compressed bytes that shall unpack to %d".formatted(packed.compressed, packed.length),
          "at most %d times as many".formatted(MOST),
          Fields.FETCH_AGAIN);
    }
    try {
      Key key =
          new Key(
              packed.file.toRealPath(),
              Files.size(packed.file),
              Files.getLastModifiedTime(packed.file),
              packed.member);
      Path done = DONE.get(key);
      if (done == null || !Files.isRegularFile(done)) {
        done = write(packed, decoder);
        DONE.put(key, done);
      }
      return Document.file(done);
    } catch (IOException e) {
      throw new UncheckedIOException(
          packed.place() + ": it cannot be unpacked to a temporary folder: " + e, e);
    }
  }

  private static Path write(Packed packed, Decoder decoder) throws IOException {
    Path folder = Folder.PATH;
    long free = Files.getFileStore(folder).getUsableSpace();
    if (free < packed.length) {
      throw new IllegalStateException(
          "%s unpacks to %d bytes, but %s has %d bytes free; set -Djava.io.tmpdir to a larger disk"
              .formatted(packed.place(), packed.length, folder, free));
    }
    Path target = Files.createTempFile(folder, "", "");
    target.toFile().deleteOnExit();
    boolean whole = false;
    try (InputStream file = Files.newInputStream(packed.file);
        OutputStream out = Files.newOutputStream(target)) {
      file.skipNBytes(packed.start);
      Counted counted = new Counted(file, packed.compressed);
      copy(packed, decoder, counted, out);
      whole = true;
    } finally {
      if (!whole) {
        Files.deleteIfExists(target);
      }
    }
    return target;
  }

  private static void copy(Packed packed, Decoder decoder, Counted in, OutputStream out)
      throws IOException {
    CRC32 crc = new CRC32();
    long written = 0;
    byte[] chunk = new byte[CHUNK];
    try (InputStream decoded = decoder.open(in)) {
      for (int n = decoded.read(chunk); n >= 0; n = decoded.read(chunk)) {
        written += n;
        if (written > packed.length) {
          throw fault(packed, in, "more data behind byte " + packed.length + " unpacked");
        }
        crc.update(chunk, 0, n);
        out.write(chunk, 0, n);
      }
    } catch (EOFException e) {
      throw fault(packed, in, "the end of the compressed data behind " + written + " bytes");
    } catch (ZipException e) {
      throw fault(packed, in, "damaged data (" + e.getMessage() + ")");
    }
    if (written < packed.length) {
      throw fault(packed, in, "the end behind " + written + " bytes");
    }
    if (packed.crc >= 0 && crc.getValue() != packed.crc) {
      throw fault(packed, in, "the checksum %08x".formatted(crc.getValue()));
    }
  }

  private static MalformedFileException fault(Packed packed, Counted in, String found) {
    return new MalformedFileException(
        packed.place(),
        packed.start + in.count,
        found,
        "data that unpack to %d bytes%s"
            .formatted(
                packed.length,
                packed.crc < 0 ? "" : " with the checksum %08x".formatted(packed.crc)),
        Fields.FETCH_AGAIN);
  }

  /** The first bytes of a stream, counted. */
  private static final class Counted extends FilterInputStream {
    private final long limit;
    private long count;

    Counted(InputStream in, long limit) {
      super(in);
      this.limit = limit;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] into, int from, int length) throws IOException {
      if (count >= limit) {
        return -1;
      }
      int n = super.read(into, from, (int) Math.min(length, limit - count));
      count += Math.max(0, n);
      return n;
    }

    @Override
    public int available() throws IOException {
      return (int) Math.min(super.available(), limit - count);
    }

    @Override
    public void close() {
      // the file is closed by whoever opened it
    }
  }

  private static final class Folder {
    static final Path PATH = create();

    private static Path create() {
      try {
        Path folder = Files.createTempDirectory("megalab-");
        folder.toFile().deleteOnExit(); // registered first, hence deleted last
        return folder;
      } catch (IOException e) {
        throw new UncheckedIOException("no temporary folder can be made: " + e, e);
      }
    }
  }
}
