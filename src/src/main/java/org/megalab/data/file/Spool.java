package org.megalab.data.file;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.ref.Cleaner;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;

/**
 * Documents that are decoded one after the other into a temporary file, where they can be read at
 * any place.
 *
 * <p>Nobody sees a document before {@link #documents}. A spool that is closed before leaves nothing
 * behind; one that is finished keeps its file as long as one of its documents is in use, at the
 * longest until the process ends. Memory is needed for eight bytes a document.
 */
public final class Spool extends OutputStream {
  private static final Cleaner CLEANER = Cleaner.create();

  private final String source;
  private final Decoding decoding;
  private final Path file;
  private final OutputStream out;
  private final Utf8Check utf8 = new Utf8Check();
  private long[] ends = new long[16];
  private int count;
  private long length;
  private long inSource;
  private Object document = "";
  private boolean finished;

  /**
   * Begins a temporary file.
   *
   * @param source what is decoded, for messages
   * @throws UncheckedIOException if the temporary folder cannot be written
   */
  public Spool(String source, Decoding decoding) {
    this.source = source;
    this.decoding = decoding;
    try {
      file = TemporaryFolder.newFile();
      out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16);
    } catch (IOException e) {
      throw failure(source, e);
    }
  }

  /**
   * Says how many bytes will be written.
   *
   * @throws IllegalStateException if the disk has not as many
   */
  void reserve(long bytes) throws IOException {
    long free = Files.getFileStore(file).getUsableSpace();
    if (free < bytes) {
      throw new IllegalStateException(
          "%s is decoded to %d bytes, but %s has %d bytes free; name a larger disk with -Djava.io.tmpdir=FOLDER"
              .formatted(source, bytes, file.getParent(), free));
    }
  }

  /** Begins a source, which may become as many bytes as the decoding allows. */
  public void beginSource() {
    inSource = 0;
  }

  /** Begins a document; errors name it as given. */
  public void begin(Object where) {
    document = where;
    utf8.reset();
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int from, int n) throws IOException {
    if (n > decoding.maximum() - inSource) {
      throw new IllegalArgumentException(
          "%s: decoded, this is more than %d bytes; if the file is to be trusted and the disk is large enough, raise the maximum of the Decoding"
              .formatted(document, decoding.maximum()));
    }
    if (decoding.utf8()) {
      checkUtf8(utf8.accept(bytes, from, n));
    }
    out.write(bytes, from, n);
    inSource += n;
    length += n;
  }

  /** Ends a document; returns whether there is one, as nothing makes none. */
  public boolean end() {
    if (decoding.utf8()) {
      checkUtf8(utf8.end());
    }
    if (length == (count == 0 ? 0 : ends[count - 1])) {
      return false;
    }
    if (count == ends.length) {
      ends = Arrays.copyOf(ends, 2 * count);
    }
    ends[count++] = length;
    return true;
  }

  private void checkUtf8(long wrong) {
    if (wrong >= 0) {
      throw Utf8Check.failure(document, wrong, 0);
    }
  }

  /** Documents that have ended. */
  public int count() {
    return count;
  }

  /**
   * Finishes the file and hands out the documents.
   *
   * @param names the name of each
   */
  public List<Document> documents(IntFunction<String> names) {
    try {
      out.close();
      finished = true;
      if (count == 0) {
        Files.delete(file);
        return List.of();
      }
    } catch (IOException e) {
      throw failure(source, e);
    }
    Document whole = Document.file(file);
    CLEANER.register(whole, new Deletion(file));
    return new SpooledDocuments(whole, Arrays.copyOf(ends, count), names);
  }

  /** Deletes the file unless {@link #documents} was called. */
  @Override
  public void close() {
    if (!finished) {
      try {
        out.close();
      } catch (IOException e) {
        // what could not be written is not needed
      } finally {
        new Deletion(file).run();
      }
    }
  }

  /** What to throw where decoding fails. */
  public static UncheckedIOException failure(Object source, IOException e) {
    return new UncheckedIOException(
        "%s: cannot be decoded into the temporary folder %s: %s; check the file, and that the folder has room, or name another with -Djava.io.tmpdir=FOLDER"
            .formatted(source, System.getProperty("java.io.tmpdir"), e),
        e);
  }

  private record Deletion(Path file) implements Runnable {
    @Override
    public void run() {
      try {
        Files.deleteIfExists(file);
      } catch (IOException e) {
        // the folder goes at the end of the process
      }
    }
  }
}
