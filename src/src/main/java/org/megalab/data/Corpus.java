package org.megalab.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.megalab.data.file.Document;

/**
 * Documents in three splits.
 *
 * @param name how the corpus is called in tables and plots
 * @param train documents to learn from
 * @param validation documents to choose by; may be empty
 * @param test documents to report; may be empty
 * @param folder where the documents lie, or null if they are in memory
 */
public record Corpus(String name, Split train, Split validation, Split test, @Nullable Path folder)
    implements Dataset {

  /**
   * A corpus of documents that are at hand, in memory or elsewhere.
   *
   * @throws IllegalArgumentException if there is no train document
   */
  public static Corpus of(
      String name, List<Document> train, List<Document> validation, List<Document> test) {
    if (train.isEmpty()) {
      throw new IllegalArgumentException(
          "the corpus " + name + " has no train documents; give it at least one");
    }
    return new Corpus(
        name,
        new Split("train", train),
        new Split("validation", validation),
        new Split("test", test),
        null);
  }

  /**
   * The data set of that name in the {@link Catalog} or among those that ship, or else the folder
   * at that path, whose layout shows in its files ({@link Layouts#open(Path)}).
   *
   * @throws IllegalArgumentException if there is neither, if the catalog's files are not there (the
   *     message says where to get them and where to put them), or they have no documents; errors as
   *     in the layout's loader
   */
  public static Corpus named(String nameOrPath) {
    Path path = Path.of(nameOrPath);
    if (path.getNameCount() != 1 || path.isAbsolute()) {
      return Layouts.open(path);
    }
    Optional<CatalogEntry> entry = Catalog.load().entry(nameOrPath);
    Optional<Path> place = entry.flatMap(Catalog::find);
    if (entry.isPresent() && place.isPresent()) {
      return Layouts.open(entry.get().layout(), place.get());
    }
    if (ShippedData.find().filter(data -> data.corpora().contains(nameOrPath)).isPresent()) {
      return shipped(nameOrPath);
    }
    if (Files.exists(path)) {
      return Layouts.open(path);
    }
    if (entry.isPresent() && !entry.get().shipped()) {
      throw new IllegalArgumentException("the files are not there\n" + entry.get().instructions());
    }
    return shipped(nameOrPath); // fails, and says which names there are
  }

  /**
   * A data set that ships with the project, such as {@code books} or {@code code}; {@link
   * ShippedData} says where it is looked for.
   *
   * @throws IllegalArgumentException if the project's data cannot be found or has no corpus of that
   *     name
   */
  public static Corpus shipped(String name) {
    ShippedData data = ShippedData.require();
    if (!data.corpora().contains(name)) {
      throw new IllegalArgumentException(
          "no corpus called '%s' ships with the project; %s has the corpora %s; a folder of your own is opened with"
                  .formatted(name, data.folder(), data.corpora())
              + " Corpus.open(path), and %dataset lists the data sets that are known");
    }
    String layout = Catalog.load().entry(name).map(CatalogEntry::layout).orElse("pg19");
    return Layouts.open(layout, data.folder().resolve(name));
  }

  /**
   * Opens a folder in the layout of PG-19: {@code train/}, {@code validation/} (or {@code valid/})
   * and {@code test/}, each with one file a document, of whatever extension, taken in the order of
   * their names. Hidden files, folders and everything beside the three folders are ignored.
   * Validation and test may be absent.
   *
   * @throws IllegalArgumentException if the folder or its train split is missing, a split is there
   *     but has no files, or a file is empty or unreadable
   */
  public static Corpus open(Path folder) {
    Path absolute = folder.toAbsolutePath().normalize();
    if (!Files.isDirectory(absolute)) {
      throw new IllegalArgumentException(
          "%s: %s; expected a folder with train/, validation/ and test/, each with one file a document"
              .formatted(
                  absolute, Files.exists(absolute) ? "this is a file" : "there is no such folder"));
    }
    if (!Files.isDirectory(absolute.resolve("train"))) {
      throw new IllegalArgumentException(
          "%s: the folder has no train/; it holds %s; expected train/, validation/ and test/, each with one file a"
                  .formatted(absolute, listing(absolute))
              + " document; any other tree of files is opened with FileTree.open(path)");
    }
    String validation = Files.isDirectory(absolute.resolve("validation")) ? "validation" : "valid";
    return new Corpus(
        String.valueOf(absolute.getFileName()),
        new Split("train", documents(absolute.resolve("train"))),
        new Split("validation", documents(absolute.resolve(validation))),
        new Split("test", documents(absolute.resolve("test"))),
        absolute);
  }

  /**
   * Compares the corpus's files with the checksums in the {@code SHA256SUMS} beside its folder.
   *
   * @return this corpus
   * @throws IllegalStateException if a file differs, is missing or is not listed, naming each, or
   *     if there are no checksums to compare with
   */
  public Corpus verify() {
    Path parent = folder == null ? null : folder.getParent();
    if (folder == null
        || parent == null
        || !Files.isRegularFile(parent.resolve(ShippedData.SUMS))) {
      throw new IllegalStateException(
          "the corpus %s has no checksums; only a corpus in a folder beside a file %s can be verified"
              .formatted(name, ShippedData.SUMS));
    }
    new ShippedData(parent).verify(String.valueOf(folder.getFileName()));
    return this;
  }

  /** Name, splits and sizes on one line. */
  @Override
  public String toString() {
    return "%s (%s; %s; %s)".formatted(name, train, validation, test);
  }

  private static List<Document> documents(Path split) {
    if (!Files.isDirectory(split)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(split)) {
      List<Document> documents =
          files
              .filter(
                  file ->
                      Files.isRegularFile(file)
                          && !String.valueOf(file.getFileName()).startsWith("."))
              .sorted(Comparator.comparing(file -> String.valueOf(file.getFileName())))
              .map(Document::file)
              .toList();
      if (documents.isEmpty()) {
        throw new IllegalArgumentException(
            "%s: the split has no files; it holds %s; expected one file a document, or no such folder at all"
                .formatted(split, listing(split)));
      }
      return documents;
    } catch (IOException e) {
      throw new UncheckedIOException(split + ": the folder cannot be listed: " + e, e);
    }
  }

  private static String listing(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      List<String> names =
          files
              .map(f -> f.getFileName() + (Files.isDirectory(f) ? "/" : ""))
              .sorted()
              .limit(11)
              .toList();
      String shown = String.join(", ", names.subList(0, Math.min(10, names.size())));
      return names.isEmpty() ? "nothing" : names.size() > 10 ? shown + ", …" : shown;
    } catch (IOException e) {
      return "what cannot be listed (" + e + ")";
    }
  }
}
