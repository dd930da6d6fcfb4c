package org.megalab.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** What lies in a folder, in the order of the names, hidden things left out. */
final class Folders {
  private Folders() {}

  /** The folder as an absolute path; refused if it is none, with the layout that is expected. */
  static Path require(Path folder, String layout) {
    Path absolute = folder.toAbsolutePath().normalize();
    if (!Files.isDirectory(absolute)) {
      throw new IllegalArgumentException(
          "%s: %s; expected a folder with %s"
              .formatted(
                  absolute,
                  Files.exists(absolute) ? "this is a file" : "there is no such folder",
                  layout));
    }
    return absolute;
  }

  /** The files whose names end with one of the endings, in whatever case. */
  static List<Path> files(Path folder, String... endings) {
    return list(folder).stream()
        .filter(path -> Files.isRegularFile(path) && ends(path, endings))
        .toList();
  }

  /** The files, refused if there are none. */
  static List<Path> someFiles(Path folder, String... endings) {
    List<Path> files = Files.isDirectory(folder) ? files(folder, endings) : List.of();
    if (files.isEmpty()) {
      throw new IllegalArgumentException(
          "%s: %s; expected files that end with %s; check whether the archive was unpacked whole"
              .formatted(
                  folder.toAbsolutePath(),
                  Files.isDirectory(folder) ? "there are no such files" : "there is no such folder",
                  String.join(" or ", endings)));
    }
    return files;
  }

  static List<Path> folders(Path folder) {
    return list(folder).stream().filter(Files::isDirectory).toList();
  }

  static String name(Path path) {
    return String.valueOf(path.getFileName());
  }

  private static boolean ends(Path path, String... endings) {
    String name = name(path).toLowerCase(Locale.ROOT);
    return Stream.of(endings).anyMatch(name::endsWith);
  }

  private static List<Path> list(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(path -> !name(path).startsWith(".")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(folder + ": the folder cannot be listed: " + e, e);
    }
  }
}
