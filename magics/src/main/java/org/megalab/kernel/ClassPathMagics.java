package org.megalab.kernel;

import io.github.spencerpark.jupyter.kernel.magic.registry.LineMagic;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** {@code %classpath} and {@code %jars}: more classes for the cells that follow. */
public final class ClassPathMagics {
  private final JavaKernel kernel;

  ClassPathMagics(JavaKernel kernel) {
    this.kernel = kernel;
  }

  /** {@code %classpath PATH...}: adds folders of classes, and jar files; globs are expanded. */
  @LineMagic(aliases = "jars")
  public List<String> classpath(List<String> arguments) throws IOException {
    if (arguments.isEmpty()) {
      throw new IllegalArgumentException(
          "Name at least one jar file or folder, such as lib/*.jar.");
    }
    List<String> added = new ArrayList<>();
    for (String argument : arguments) {
      for (Path path : expand(argument)) {
        kernel.addToClasspath(path.toString());
        added.add(path.toString());
      }
    }
    return List.copyOf(added);
  }

  /**
   * The existing files that a path or glob names.
   *
   * @throws IllegalArgumentException if there is none
   */
  static List<Path> expand(String argument) throws IOException {
    Path path = Path.of(argument).toAbsolutePath().normalize();
    String pattern = path.getFileName() == null ? "" : path.getFileName().toString();
    Path folder = path.getParent();
    boolean glob = pattern.contains("*") || pattern.contains("?");
    if (!glob && Files.exists(path)) {
      return List.of(path);
    }
    if (glob && folder != null && Files.isDirectory(folder)) {
      PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + pattern);
      try (Stream<Path> files = Files.list(folder)) {
        List<Path> found = files.filter(f -> matcher.matches(f.getFileName())).sorted().toList();
        if (!found.isEmpty()) {
          return found;
        }
      }
    }
    throw new IllegalArgumentException(
        "Nothing on the disk matches %s. Paths are relative to %s."
            .formatted(argument, Path.of("").toAbsolutePath()));
  }
}
