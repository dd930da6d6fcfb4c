package org.megalab.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Finds the files of a split: {@code train/*.ending}, or else {@code train.ending}. */
final class SplitFiles {
  private final Path folder;
  private final List<String> endings;

  SplitFiles(Path folder, List<String> endings) {
    this.folder = folder.toAbsolutePath().normalize();
    this.endings = endings;
  }

  /** The files of a split that must be there. */
  List<Path> required(String name) {
    List<Path> files = optional(name);
    if (files.isEmpty()) {
      throw new IllegalArgumentException(
          "%s: there is no split %s; expected %s/ with files that end in %s, or one file %s%s here"
              .formatted(folder, name, name, String.join(" or ", endings), name, endings.get(0)));
    }
    return files;
  }

  /** The files of a split under the first of its names that is there; none if none is. */
  List<Path> optional(String... names) {
    for (String name : names) {
      if (Files.isDirectory(folder.resolve(name))) {
        return inside(folder.resolve(name));
      }
      for (String ending : endings) {
        Path file = folder.resolve(name + ending);
        if (Files.isRegularFile(file)) {
          return List.of(file);
        }
      }
    }
    return List.of();
  }

  /** Whether a split of that name is there. */
  boolean has(String name) {
    Path split = folder.resolve(name);
    return Files.isDirectory(split)
        ? !list(split).isEmpty()
        : endings.stream().anyMatch(ending -> Files.isRegularFile(folder.resolve(name + ending)));
  }

  private List<Path> inside(Path split) {
    List<Path> found = list(split);
    if (found.isEmpty()) {
      throw new IllegalArgumentException(
          "%s: no file here ends in %s; decompress files in other formats, such as .zst, or leave the folder out"
              .formatted(split, String.join(" or ", endings)));
    }
    return found;
  }

  private List<Path> list(Path split) {
    try (Stream<Path> files = Files.list(split)) {
      return files
          .filter(f -> Files.isRegularFile(f) && fits(String.valueOf(f.getFileName())))
          .sorted(Comparator.comparing(f -> String.valueOf(f.getFileName())))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(split + ": the folder cannot be listed: " + e, e);
    }
  }

  private boolean fits(String name) {
    return !name.startsWith(".") && endings.stream().anyMatch(name::endsWith);
  }
}
