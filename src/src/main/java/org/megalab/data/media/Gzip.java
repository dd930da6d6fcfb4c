package org.megalab.data.media;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.megalab.data.Document;

/** The beginning of a gzipped file. */
final class Gzip {
  private Gzip() {}

  /** Unpacks the first bytes, or all if there are fewer. */
  static Document head(Path path, int count) {
    try (InputStream in = new GZIPInputStream(Files.newInputStream(path))) {
      byte[] head = in.readNBytes(count);
      if (head.length == 0) {
        throw new EOFException("it unpacks to nothing");
      }
      return Document.of(path.toString(), head);
    } catch (EOFException | ZipException e) {
      throw new MalformedFileException(
          path.toAbsolutePath(),
          0,
          "damaged or cut off gzip data (" + e.getMessage() + ")",
          "at least one byte unpacked",
          Fields.FETCH_AGAIN);
    } catch (IOException e) {
      throw new UncheckedIOException(path.toAbsolutePath() + ": it cannot be read: " + e, e);
    }
  }
}
