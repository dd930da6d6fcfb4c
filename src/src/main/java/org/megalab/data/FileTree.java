package org.megalab.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.megalab.data.file.Archive;
import org.megalab.data.file.Decoding;
import org.megalab.data.file.Document;
import org.megalab.data.file.Utf8Check;

/**
 * Any folder of files as a corpus, such as source code: a tree, or jars and zip archives, or both.
 *
 * <p>One file is one document, and so is one member of a {@code .jar} or {@code .zip} in the tree.
 * They are taken in the order of their names, with {@code /} between folders; empty files, files
 * and folders whose names begin with a dot, and links are left out. Jars are unpacked as {@link
 * Archive} says.
 *
 * <p>A folder that has a folder {@code train} comes in splits, {@code train}, {@code validation}
 * (or {@code valid}, {@code val}) and {@code test}, each a tree. Any other is split by {@link
 * HashSplit}, by the path in the folder or in the archive, so that a file that is in two versions
 * of a library is in one split.
 */
public final class FileTree {
  /** Endings of files in programming languages, as The Pile's and MEGABYTE's code are. */
  public static final Set<String> SOURCE_CODE =
      Set.of(
          "c", "cc", "clj", "cpp", "cs", "cu", "cxx", "dart", "erl", "ex", "f90", "go", "h", "hpp",
          "hs", "java", "jl", "js", "kt", "lua", "m", "ml", "php", "pl", "py", "r", "rb", "rs",
          "scala", "sh", "sql", "swift", "ts", "zig");

  private final Set<String> endings;
  private final Decoding decoding;

  private FileTree(Set<String> endings, Decoding decoding) {
    this.endings = endings;
    this.decoding = decoding;
  }

  /** All files; errors as in the other. */
  public static Corpus open(Path folder) {
    return open(folder, Set.of(), HashSplit.DEFAULT, Decoding.DEFAULT);
  }

  /** Source code; errors as in the other. */
  public static Corpus sourceCode(Path folder) {
    return open(folder, SOURCE_CODE, HashSplit.DEFAULT, Decoding.DEFAULT);
  }

  /**
   * The files of a folder, or of one archive.
   *
   * @param endings of the files that are taken, without the dot, such as {@code java}; all where it
   *     is empty
   * @param split where documents go that do not come in splits
   * @param decoding how archives are unpacked, and whether all text must be UTF-8
   * @throws IllegalArgumentException if there is nothing at the path, no file with such an ending,
   *     a split is empty, an archive is refused, or a text is not UTF-8 where it must be
   */
  public static Corpus open(Path folder, Set<String> endings, HashSplit split, Decoding decoding) {
    Path root = folder.toAbsolutePath().normalize();
    if (!Files.exists(root)) {
      throw new IllegalArgumentException(
          root + ": there is no such folder or archive; check the path and its spelling");
    }
    FileTree tree = new FileTree(endings, decoding);
    Map<String, List<Document>> parts = new HashMap<>();
    if (Files.isDirectory(root.resolve("train"))) {
      parts.put("train", tree.splitFolder(root, "train"));
      parts.put("validation", tree.splitFolder(root, "validation", "valid", "val"));
      parts.put("test", tree.splitFolder(root, "test"));
    } else {
      for (Found found : tree.find(root)) {
        parts
            .computeIfAbsent(split.part(found.path()), p -> new ArrayList<>())
            .add(found.document());
      }
    }
    if (!parts.containsKey("train")) {
      throw new IllegalArgumentException(
          "%s: there is nothing to learn from among %d documents%s; add files, or split them otherwise"
              .formatted(
                  root,
                  parts.values().stream().mapToInt(List::size).sum(),
                  endings.isEmpty() ? "" : " whose names end in " + sorted(endings)));
    }
    return new Corpus(
        String.valueOf(root.getFileName()),
        new Split("train", parts.get("train")),
        new Split("validation", parts.getOrDefault("validation", List.of())),
        new Split("test", parts.getOrDefault("test", List.of())),
        Files.isDirectory(root) ? root : null);
  }

  private List<Document> splitFolder(Path root, String... names) {
    for (String name : names) {
      Path folder = root.resolve(name);
      if (Files.isDirectory(folder)) {
        List<Document> documents = find(folder).stream().map(Found::document).toList();
        if (documents.isEmpty()) {
          throw new IllegalArgumentException(
              "%s: the split has no files%s; add some, or remove the folder"
                  .formatted(
                      folder, endings.isEmpty() ? "" : " whose names end in " + sorted(endings)));
        }
        return documents;
      }
    }
    return List.of();
  }

  /** A document and the path that decides on its split. */
  private record Found(String path, Document document) {}

  private List<Found> find(Path root) {
    if (isArchive(root)) {
      return members(root);
    }
    List<Found> found = new ArrayList<>();
    for (Path file : files(root)) {
      String path = root.relativize(file).toString().replace('\\', '/');
      if (isArchive(file)) {
        found.addAll(members(file));
      } else if (wanted(path)) {
        Document document = Document.file(file, path);
        if (decoding.utf8()) {
          Utf8Check.check(file, document);
        }
        found.add(new Found(path, document));
      }
    }
    return found;
  }

  private List<Found> members(Path archive) {
    return Archive.documents(archive, this::wanted, decoding).stream()
        .map(d -> new Found(d.name().substring(d.name().indexOf("!/") + 2), d))
        .toList();
  }

  private static List<Path> files(Path root) {
    try (Stream<Path> files = Files.walk(root)) { // does not follow links
      return files
          .filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
          .filter(file -> !hidden(root.relativize(file)) && file.toFile().length() > 0)
          .sorted(Comparator.comparing(file -> root.relativize(file).toString().replace('\\', '/')))
          .toList();
    } catch (IOException | UncheckedIOException e) {
      throw new IllegalArgumentException(root + ": the folder cannot be listed: " + e, e);
    }
  }

  private static boolean hidden(Path path) {
    for (Path part : path) {
      if (part.toString().startsWith(".")) {
        return true;
      }
    }
    return false;
  }

  /** Whether there is a file whose name is that of an archive. */
  static boolean isArchive(Path file) {
    String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
    return (name.endsWith(".jar") || name.endsWith(".zip")) && Files.isRegularFile(file);
  }

  private boolean wanted(String path) {
    String name = path.substring(path.lastIndexOf('/') + 1);
    return !name.startsWith(".")
        && (endings.isEmpty()
            || endings.contains(
                name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT)));
  }

  private static String sorted(Set<String> endings) {
    return endings.stream().sorted().toList().toString();
  }
}
