package org.megalab.data.file;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** One folder a process for decoded data, deleted with all its files when the process ends. */
final class TemporaryFolder {
  private static @Nullable Path folder;

  private TemporaryFolder() {}

  /** A new, empty file. */
  static synchronized Path newFile() throws IOException {
    Path place = folder;
    if (place == null || !Files.isDirectory(place)) {
      place = Files.createTempDirectory("megalab-data-");
      folder = place;
      File created = place.toFile();
      Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(created)));
    }
    return Files.createTempFile(place, "spool-", ".bin");
  }

  private static void delete(File folder) {
    File[] files = folder.listFiles();
    if (files != null) {
      for (File file : files) {
        file.delete();
      }
    }
    folder.delete();
  }
}
