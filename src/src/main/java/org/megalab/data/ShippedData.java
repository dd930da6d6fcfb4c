package org.megalab.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The project's folder {@code datasets}, with the data that ships.
 *
 * <p>Looked for in this order: the system property {@code megalab.datasets}, the environment
 * variable {@code MEGALAB_DATASETS}, {@code datasets} in the working directory or a folder above
 * it, {@code datasets} beside or above the jar or class folder that this class came from. Only a
 * folder with a file {@code SHA256SUMS} counts. If the property or the variable is set, no other
 * place is tried after it.
 *
 * @param folder the folder itself
 */
public record ShippedData(Path folder) {
  /** Name of the file with the checksums, in the format of {@code sha256sum}. */
  static final String SUMS = "SHA256SUMS";

  static final String PROPERTY = "megalab.datasets";
  static final String VARIABLE = "MEGALAB_DATASETS";

  /** The folder, if it is found. */
  public static Optional<ShippedData> find() {
    return places().stream()
        .filter(p -> Files.isRegularFile(p.resolve(SUMS)))
        .findFirst()
        .map(ShippedData::new);
  }

  /**
   * The folder.
   *
   * @throws IllegalArgumentException if it is not found, with the places that were looked at
   */
  public static ShippedData require() {
    return find()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "the project's data sets were not found; a folder with a file %s was looked for at %s; run inside"
                            .formatted(SUMS, places())
                        + " the project, or set -D%s=FOLDER or %s=FOLDER"
                            .formatted(PROPERTY, VARIABLE)));
  }

  /** Names of all data sets that are there, in alphabetical order. */
  public List<String> names() {
    return subfolders().stream().map(p -> String.valueOf(p.getFileName())).toList();
  }

  /**
   * Names of the data sets that {@link Corpus} can open: those with a folder {@code train}, and
   * those that the catalog knows in a layout of documents.
   */
  public List<String> corpora() {
    return names().stream()
        .filter(
            name -> Files.isDirectory(folder.resolve(name).resolve("train")) || isCataloged(name))
        .toList();
  }

  private boolean isCataloged(String name) {
    return Catalog.load()
        .entry(name)
        .filter(entry -> entry.kind() == CatalogEntry.Kind.TEXT && entry.folder().equals(name))
        .filter(entry -> entry.isIn(folder.resolve(name)))
        .isPresent();
  }

  /** Whether there are checksums of a data set's files. */
  boolean lists(String name) {
    return !sums(name + "/").isEmpty();
  }

  /**
   * Compares a data set with the checksums.
   *
   * @throws IllegalStateException if a file differs, is missing or is not listed; the message names
   *     each
   */
  public void verify(String name) {
    Map<String, String> sums = sums(name + "/");
    List<String> faults = new ArrayList<>();
    Set<String> paths = new TreeSet<>(sums.keySet());
    paths.addAll(files(name));
    for (String path : paths) {
      String expected = sums.get(path);
      if (expected == null) {
        faults.add(path + " (not listed)");
      } else if (!Files.isRegularFile(folder.resolve(path))) {
        faults.add(path + " (missing)");
      } else if (!expected.equals(Checksums.of(folder.resolve(path), "sha256"))) {
        faults.add(path + " (differs)");
      }
    }
    if (sums.isEmpty()) {
      faults.add(name + "/ (nothing listed)");
    }
    if (!faults.isEmpty()) {
      throw new IllegalStateException(
          "%s does not match %s: %s; restore these files from the project's repository"
              .formatted(folder.resolve(name), SUMS, String.join(", ", faults)));
    }
  }

  private Map<String, String> sums(String prefix) {
    Map<String, String> sums = new TreeMap<>();
    try {
      for (String line : Files.readAllLines(folder.resolve(SUMS))) {
        String[] parts =
            line.split(" [ *]", 2); // "<hex>  <path>", or "<hex> *<path>" in binary mode
        String path =
            parts.length < 2 ? "" : parts[1].startsWith("./") ? parts[1].substring(2) : parts[1];
        if (path.startsWith(prefix)) {
          sums.put(path, parts[0]);
        }
      }
      return sums;
    } catch (IOException e) {
      throw new UncheckedIOException(
          folder.resolve(SUMS) + ": the checksums cannot be read: " + e, e);
    }
  }

  private List<String> files(String name) {
    if (!Files.isDirectory(folder.resolve(name))) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(folder.resolve(name))) {
      return files
          .filter(f -> Files.isRegularFile(f) && !String.valueOf(f.getFileName()).startsWith("."))
          .map(f -> folder.relativize(f).toString().replace('\\', '/'))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(
          folder.resolve(name) + ": the folder cannot be listed: " + e, e);
    }
  }

  private List<Path> subfolders() {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(Files::isDirectory).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(folder + ": the folder cannot be listed: " + e, e);
    }
  }

  private static Set<Path> places() {
    String set = System.getProperty(PROPERTY);
    if (set == null) {
      set = System.getenv(VARIABLE);
    }
    if (set != null) {
      return Set.of(Path.of(set).toAbsolutePath().normalize());
    }
    Set<Path> places = new LinkedHashSet<>();
    upwards(Path.of("").toAbsolutePath(), places);
    CodeSource source = ShippedData.class.getProtectionDomain().getCodeSource();
    if (source != null) {
      try {
        upwards(Path.of(source.getLocation().toURI()), places);
      } catch (URISyntaxException
          | IllegalArgumentException
          | java.nio.file.FileSystemNotFoundException e) {
        return places; // the class did not come from a file: there is nothing beside it
      }
    }
    return places;
  }

  private static void upwards(Path start, Set<Path> places) {
    for (Path p = start.normalize(); p != null; p = p.getParent()) {
      places.add(p.resolve("datasets"));
    }
  }
}
