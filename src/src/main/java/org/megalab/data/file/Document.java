package org.megalab.data.file;

import java.io.IOException;
import java.nio.file.Path;

/**
 * A named sequence of bytes that is read at any position, from any thread.
 *
 * <p>Documents are never empty, and a window of training or evaluation data never crosses from one
 * into the next.
 */
public interface Document {

  /** How the document is called in error messages and tables. */
  String name();

  /** Number of bytes, at least 1. */
  long length();

  /**
   * Copies bytes {@code offset .. offset + count - 1} of the document to {@code into[from ..]}.
   *
   * @throws IllegalArgumentException if the range leaves the document or the array
   * @throws java.io.UncheckedIOException if the bytes cannot be read, or are there no more; the
   *     message names the document
   */
  void read(long offset, byte[] into, int from, int count);

  /**
   * The {@code count} bytes from {@code offset} on, in a new array; errors as in the other {@code
   * read}.
   */
  default byte[] read(long offset, int count) {
    if (count < 0) {
      throw new IllegalArgumentException(
          name() + ": cannot read " + count + " bytes; ask for 0 or more");
    }
    byte[] bytes = new byte[count];
    read(offset, bytes, 0, count);
    return bytes;
  }

  /**
   * Consecutive bytes of this document as a document of their own; nothing is copied.
   *
   * @throws IllegalArgumentException if there are no bytes, or they leave the document
   */
  default Document part(String name, long offset, long length) {
    return new DocumentPart(name, this, offset, length);
  }

  /**
   * Refuses a range that leaves a document or an array, for those who implement {@link #read(long,
   * byte[], int, int)}.
   *
   * @throws IllegalArgumentException naming the document
   */
  static void checkRange(Document document, long offset, byte[] into, int from, int count) {
    long length = document.length();
    if (offset < 0 || count < 0 || offset > length - count) {
      throw new IllegalArgumentException(
          "%s: %d bytes from byte %d on were asked for, but the document has %d bytes"
              .formatted(document.name(), count, offset, length));
    }
    if (from < 0 || from > into.length - count) {
      throw new IllegalArgumentException(
          "%s: %d bytes do not fit into an array of %d from index %d on"
              .formatted(document.name(), count, into.length, from));
    }
  }

  /**
   * A document in memory. The array is copied.
   *
   * @throws IllegalArgumentException if there are no bytes
   */
  static Document of(String name, byte[] bytes) {
    return new MemoryDocument(name, bytes.clone());
  }

  /**
   * A file, called by its file name. Nothing stays open and nothing is kept in memory, so the file
   * may have any size; its length is taken once, here.
   *
   * @throws IllegalArgumentException if the file is missing, not a regular file, unreadable or
   *     empty
   */
  static Document file(Path path) {
    return file(path, String.valueOf(path.getFileName()));
  }

  /** A file under another name; errors as in the other {@code file}. */
  static Document file(Path path, String name) {
    return FileDocument.open(path, name);
  }

  /**
   * What a gzip file holds, called by the file's name without {@code .gz}; errors as in the other.
   */
  static Document gzip(Path path) {
    return gzip(path, Decoding.DEFAULT);
  }

  /**
   * What a gzip file holds, called by the file's name without {@code .gz}. It is decompressed once,
   * here, into a temporary file, and compared with its checksums.
   *
   * @throws IllegalArgumentException if the file is missing, empty or not gzip, is cut off or
   *     damaged, has something behind its end, or becomes larger than the decoding allows; the
   *     message says at which byte
   * @throws java.io.UncheckedIOException if it cannot be read, or not be decompressed
   */
  static Document gzip(Path path, Decoding decoding) {
    file(path); // says what is wrong with the path
    try (Spool spool = new Spool(path.toString(), decoding)) {
      spool.begin(path + " (decompressed)");
      Gzip.decompress(path, spool);
      if (!spool.end()) {
        throw new IllegalArgumentException(
            path.toAbsolutePath() + ": decompressed, the file is empty; remove it");
      }
      String name = String.valueOf(path.getFileName());
      return spool
          .documents(
              i -> name.endsWith(".gz") ? name.substring(0, name.length() - ".gz".length()) : name)
          .get(0);
    } catch (IOException e) {
      throw Spool.failure(path, e);
    }
  }
}
