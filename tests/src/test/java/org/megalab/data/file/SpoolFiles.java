package org.megalab.data.file;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The temporary files of decoded data. */
public final class SpoolFiles {
  private SpoolFiles() {}

  /** The spool files that this process has now. */
  public static Set<Path> now() {
    try {
      Path probe = TemporaryFolder.newFile();
      Files.delete(probe);
      try (Stream<Path> files = Files.list(probe.resolveSibling("."))) {
        return files.collect(Collectors.toSet());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
