package org.megalab.kernel;

import java.io.File;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import jdk.jshell.SourceCodeAnalysis;
import org.jspecify.annotations.Nullable;

/**
 * The sources whose comments inspection shows: the JDK's {@code src.zip} where there is one, what
 * lies in {@code META-INF/sources} on the class path, as in Megalab's own jar, and {@code
 * -sources.jar} files beside other jars.
 *
 * <p>JShell reads comments of the JDK alone, and offers no way to name other sources: they are put
 * into a field of it, which {@code --add-opens} in the kernel's command opens. Where it is closed,
 * signatures are shown without comments.
 */
final class Sources {
  /** What the kernel's command must open. */
  static final String OPENED = "jdk.jshell/jdk.jshell=ALL-UNNAMED";

  private static final String FOLDER = "META-INF/sources";

  private final List<Path> roots = new ArrayList<>();
  private final Set<String> entries = new LinkedHashSet<>();
  private boolean startAdded;

  /** Adds the sources that belong to an entry of the class path, once inspection asks. */
  synchronized void add(String entry) {
    entries.add(entry);
  }

  /** Lets {@code analysis} find comments in all sources that are there. */
  synchronized void offerTo(SourceCodeAnalysis analysis) {
    if (!startAdded) {
      startAdded = true;
      addJdk();
      for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
        addRoots(Path.of(entry));
      }
    }
    entries.forEach(entry -> addRoots(Path.of(entry)));
    entries.clear();
    try {
      Field field = analysis.getClass().getDeclaredField("availableSources");
      field.setAccessible(true);
      field.set(analysis, List.copyOf(roots));
    } catch (ReflectiveOperationException | RuntimeException e) {
      startAdded = true; // another JDK, or closed: signatures alone
    }
  }

  private void addJdk() {
    Path zip = Path.of(System.getProperty("java.home"), "lib", "src.zip");
    Path root = Files.isReadable(zip) ? open(zip) : null;
    if (root != null) {
      try (Stream<Path> modules = Files.list(root)) {
        modules.filter(Files::isDirectory).forEach(roots::add);
      } catch (IOException e) {
        startAdded = true; // no comments of the JDK
      }
    }
  }

  private void addRoots(Path entry) {
    if (Files.isDirectory(entry)) {
      addIfThere(entry.resolve(FOLDER));
    } else if (entry.toString().endsWith(".jar") && Files.isReadable(entry)) {
      String name = entry.getFileName().toString().replaceFirst("\\.jar$", "-sources.jar");
      Path beside = entry.resolveSibling(name);
      Path sources = Files.isReadable(beside) ? open(beside) : null;
      if (sources != null) {
        roots.add(sources);
      } else {
        Path inside = open(entry);
        if (inside != null) {
          addIfThere(inside.resolve(FOLDER));
        }
      }
    }
  }

  private void addIfThere(Path folder) {
    if (Files.isDirectory(folder)) {
      roots.add(folder);
    }
  }

  /** A zip file's root; it stays open as long as the kernel, if it holds sources. */
  private static @Nullable Path open(Path zip) {
    try {
      FileSystem files = FileSystems.newFileSystem(zip);
      return files.getRootDirectories().iterator().next();
    } catch (IOException | RuntimeException e) {
      return null; // not a zip file
    }
  }
}
