package org.megalab.kernel;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code %classpath PATH...}: more classes for the cells that follow. */
@Command(description = "Adds jar files and folders of classes for the cells that follow.")
final class ClassPathMagic implements Callable<List<String>> {
  private final JavaKernel kernel;

  @Parameters(
      arity = "1..*",
      paramLabel = "PATH",
      description = "Jar files or folders; lib/*.jar is all jars there.")
  private List<String> paths = List.of();

  ClassPathMagic(JavaKernel kernel) {
    this.kernel = kernel;
  }

  @Override
  public List<String> call() throws IOException {
    List<String> added = new ArrayList<>();
    for (String argument : paths) {
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
