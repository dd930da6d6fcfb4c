package org.megalab.data.file;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A file that is opened for each read and closed after it, so that thousands of documents cost no
 * descriptors.
 */
final class FileDocument implements Document {
  private final Path path;
  private final String name;
  private final long length;

  private FileDocument(Path path, String name, long length) {
    this.path = path;
    this.name = name;
    this.length = length;
  }

  static FileDocument open(Path path, String name) {
    if (!Files.exists(path)) {
      throw new IllegalArgumentException(
          path.toAbsolutePath() + ": there is no such file; check the path and its spelling");
    }
    if (!Files.isRegularFile(path)) {
      throw new IllegalArgumentException(
          path.toAbsolutePath()
              + ": this is not a regular file; a folder of documents is opened with Corpus.open");
    }
    if (!Files.isReadable(path)) {
      throw new IllegalArgumentException(
          path.toAbsolutePath()
              + ": the file may not be read by this user; change its permissions");
    }
    try {
      long length = Files.size(path);
      if (length == 0) {
        throw new IllegalArgumentException(
            path.toAbsolutePath() + ": the file is empty; remove it, or fetch it again");
      }
      return new FileDocument(path, name, length);
    } catch (IOException e) {
      throw new UncheckedIOException(
          path.toAbsolutePath() + ": its length cannot be read: " + e, e);
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public void read(long offset, byte[] into, int from, int count) {
    Document.checkRange(this, offset, into, from, count);
    try (SeekableByteChannel channel = Files.newByteChannel(path)) {
      channel.position(offset);
      ByteBuffer target = ByteBuffer.wrap(into, from, count);
      while (target.hasRemaining()) {
        if (channel.read(target) < 0) {
          throw new EOFException(
              "the file shrank from %d to %d bytes after it was opened"
                  .formatted(length, channel.size()));
        }
      }
    } catch (ClosedByInterruptException e) {
      throw new UncheckedIOException(path.toAbsolutePath() + ": reading was interrupted", e);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "%s: %d bytes from byte %d on cannot be read: %s; open the file again once nobody writes to it"
              .formatted(path.toAbsolutePath(), count, offset, e),
          e);
    }
  }

  @Override
  public String toString() {
    return "%s (%,d bytes)".formatted(path, length);
  }
}
