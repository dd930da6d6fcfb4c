package org.megalab.data;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.megalab.json.ConfigException;
import org.megalab.json.RecordJson;

/**
 * The papers' data sets and those that ship, from {@code datasets/catalog.json}.
 *
 * <p>Nothing is ever downloaded. A data set is looked for under its folder's name in the folders of
 * the system property {@code megalab.data}, or else of the environment variable {@code
 * MEGALAB_DATA} (several are separated as in a class path), and in the project's {@code datasets}
 * ({@link ShippedData}).
 *
 * @param entries one a data set
 */
public record Catalog(List<CatalogEntry> entries) {
  static final String PROPERTY = "megalab.data";
  static final String VARIABLE = "MEGALAB_DATA";

  private static final Catalog LOADED = read();

  /**
   * Copies the list.
   *
   * @throws ConfigException if a name is there twice
   */
  public Catalog {
    entries = List.copyOf(entries);
    Set<String> names = new HashSet<>();
    for (CatalogEntry entry : entries) {
      ConfigException.check(names.add(entry.name()), "%s is there twice", entry.name());
    }
  }

  /** The catalog of this version. */
  public static Catalog load() {
    return LOADED;
  }

  private static Catalog read() {
    try (InputStream in = Catalog.class.getResourceAsStream("catalog.json")) {
      if (in == null) {
        throw new IllegalStateException("catalog.json is not in the library; build it again");
      }
      return RecordJson.read(RecordJson.parse(new String(in.readAllBytes(), UTF_8)), Catalog.class);
    } catch (IOException e) {
      throw new UncheckedIOException("catalog.json cannot be read: " + e, e);
    }
  }

  /** The entry of a name, if there is one. */
  public Optional<CatalogEntry> entry(String name) {
    return entries.stream().filter(entry -> entry.name().equals(name)).findFirst();
  }

  /** The folder that holds a data set, if one of the {@link #places} does. */
  public static Optional<Path> find(CatalogEntry entry) {
    return places(entry).stream().filter(entry::isIn).findFirst();
  }

  /** The folders that may hold a data set, in the order in which they are looked at. */
  public static List<Path> places(CatalogEntry entry) {
    List<Path> places = new ArrayList<>();
    String named = System.getProperty(PROPERTY);
    if (named == null) {
      named = System.getenv(VARIABLE);
    }
    if (named != null) {
      for (String folder : named.split(Pattern.quote(File.pathSeparator), -1)) {
        if (!folder.isBlank()) {
          places.add(Path.of(folder));
        }
      }
    }
    places.add(ShippedData.find().map(ShippedData::folder).orElse(Path.of("datasets")));
    return places.stream()
        .map(place -> place.resolve(entry.folder()).toAbsolutePath().normalize())
        .distinct()
        .toList();
  }

  /**
   * Compares a data set's files with their published lengths and checksums; those that ship with
   * the project's own.
   *
   * @param folder that holds the data set
   * @return the files that were compared, those that were not there and those of which nothing is
   *     published, one a line
   * @throws IllegalStateException if a file differs, or a needed one is missing, naming each, or if
   *     there is nothing to compare
   */
  public static String verify(CatalogEntry entry, Path folder) {
    ShippedData shipped = ShippedData.find().orElse(null);
    if (shipped != null && shipped.lists(entry.folder()) && same(shipped, entry, folder)) {
      shipped.verify(entry.folder());
      return "%s: every file is as in %s".formatted(entry.folder(), ShippedData.SUMS);
    }
    List<String> report = new ArrayList<>();
    List<String> faults = new ArrayList<>();
    boolean compared = false;
    for (CatalogFile file : entry.files()) {
      Path path = folder.resolve(file.path());
      if (!Files.exists(path)) {
        report.add(file.path() + ": not there");
      } else if (!file.isPublished()) {
        report.add(file.path() + ": there; nobody publishes its length or checksum");
      } else {
        compared = true;
        String fault = fault(path, file);
        report.add(file.path() + ": " + (fault == null ? "as published" : fault));
        if (fault != null) {
          faults.add(path + " " + fault);
        }
      }
    }
    if (!faults.isEmpty()) {
      throw new IllegalStateException(
          "%s does not match the catalog: %s; fetch these files again from %s"
              .formatted(entry.name(), String.join("; ", faults), entry.home()));
    }
    if (!compared) {
      throw new IllegalStateException(
          "%s: there is nothing to compare with: %s; checksums are published for whole archives, which may lie in the folder too"
              .formatted(folder, String.join("; ", report)));
    }
    return String.join("\n", report);
  }

  private static boolean same(ShippedData shipped, CatalogEntry entry, Path folder) {
    return shipped
        .folder()
        .resolve(entry.folder())
        .toAbsolutePath()
        .normalize()
        .equals(folder.toAbsolutePath().normalize());
  }

  private static @Nullable String fault(Path path, CatalogFile file) {
    try {
      long bytes = Files.size(path);
      if (file.bytes() > 0 && bytes != file.bytes()) {
        return "has %d bytes instead of %d".formatted(bytes, file.bytes());
      }
      if (!file.checksum().isEmpty()) {
        String sum = Checksums.of(path, file.algorithm());
        return sum.equals(file.checksum())
            ? null
            : "has the %s %s instead of %s".formatted(file.algorithm(), sum, file.checksum());
      }
      return null;
    } catch (IOException e) {
      throw new UncheckedIOException(path + ": its length cannot be read: " + e, e);
    }
  }

  /** Starts without entries. */
  public static Builder builder() {
    return new Builder();
  }

  /** Builds catalogs. */
  public static final class Builder {
    private List<CatalogEntry> entries = List.of();

    private Builder() {}

    /** See {@link Catalog#entries}. */
    public Builder setEntries(List<CatalogEntry> entries) {
      this.entries = entries;
      return this;
    }

    /** Builds it; errors as in the record. */
    public Catalog build() {
      return new Catalog(entries);
    }
  }
}
