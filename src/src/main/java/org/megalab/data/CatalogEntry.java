package org.megalab.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.megalab.data.CatalogFile.Use;
import org.megalab.json.ConfigException;

/**
 * A data set of the papers, or one that ships: what it is, where it comes from, and its layout.
 *
 * @param name how it is asked for
 * @param title what it is
 * @param kind of its contents
 * @param layout the name of its loader in {@link Layouts}
 * @param folder where it lies among the data sets; its name, unless another is given
 * @param shipped whether the files are part of the project
 * @param files its files and folders
 * @param splits how it is split
 * @param size how large it is
 * @param home the address of the place that publishes it
 * @param licence of the contents
 * @param paper that evaluates on it, or describes it
 * @param source where lengths, checksums and counts are published
 */
public record CatalogEntry(
    String name,
    String title,
    Kind kind,
    String layout,
    String folder,
    boolean shipped,
    List<CatalogFile> files,
    String splits,
    String size,
    String home,
    String licence,
    String paper,
    String source) {

  /** What a data set holds. */
  public enum Kind {
    /** Documents of bytes. */
    TEXT,
    /** Pictures whose density is learnt. */
    IMAGE,
    /** Sound whose density is learnt. */
    AUDIO,
    /** Sequences with classes. */
    CLASSIFICATION
  }

  /**
   * Copies the files.
   *
   * @throws ConfigException if there is no name, title, layout or home
   */
  public CatalogEntry {
    files = List.copyOf(files);
    folder = folder.isEmpty() ? name : folder;
    ConfigException.check(
        name.matches("[a-z0-9-]+"), "name must be of a-z, 0-9 and -, got \"%s\"", name);
    for (String needed : List.of(title, layout, splits, size, home, licence)) {
      ConfigException.check(
          !needed.isBlank(),
          "%s must say title, layout, splits, size, home and licence; one is empty",
          name);
    }
  }

  /**
   * Whether a folder holds the data set: all files that are needed, or one that is read instead. A
   * data set without files is wherever its folder is.
   */
  public boolean isIn(Path place) {
    return Files.isDirectory(place)
        && (files.stream()
                .filter(file -> file.use() == Use.NEEDED)
                .allMatch(file -> isThere(place, file))
            || files.stream().anyMatch(file -> file.use() == Use.INSTEAD && isThere(place, file)));
  }

  private static boolean isThere(Path place, CatalogFile file) {
    Path path = place.resolve(file.path());
    return file.path().endsWith("/") ? Files.isDirectory(path) : Files.isRegularFile(path);
  }

  /** What to fetch, how large it is and where to put it. */
  public String instructions() {
    StringBuilder text = new StringBuilder("%s: %s, %s\n".formatted(name, title, size));
    if (shipped) {
      text.append("it is part of the project, in datasets/").append(folder).append('\n');
    }
    text.append("get it from: ").append(home).append('\n');
    text.append("files:\n");
    files.forEach(file -> text.append("  ").append(file).append('\n'));
    List<Path> places = Catalog.places(this);
    text.append("put them into: ").append(places.get(0)).append('\n');
    if (places.size() > 1) {
      text.append("looked for in: ").append(places).append('\n');
    }
    text.append(
        "or name a folder that holds %s/ with -D%s=FOLDER or %s=FOLDER\n"
            .formatted(folder, Catalog.PROPERTY, Catalog.VARIABLE));
    text.append("splits: ").append(splits).append('\n');
    text.append("licence: ").append(licence).append('\n');
    if (!paper.isEmpty()) {
      text.append("paper: ").append(paper).append('\n');
    }
    return text.toString();
  }

  /** Name, title and kind on one line. */
  @Override
  public String toString() {
    return "%s: %s (%s)".formatted(name, title, kind.name().toLowerCase(Locale.ROOT));
  }

  /** Starts an entry without files. */
  public static Builder builder() {
    return new Builder();
  }

  /** Builds entries. */
  public static final class Builder {
    private String name = "";
    private String title = "";
    private Kind kind = Kind.TEXT;
    private String layout = "";
    private String folder = "";
    private boolean shipped;
    private List<CatalogFile> files = List.of();
    private String splits = "";
    private String size = "";
    private String home = "";
    private String licence = "";
    private String paper = "";
    private String source = "";

    private Builder() {}

    /** See {@link CatalogEntry#name}. */
    public Builder setName(String name) {
      this.name = name;
      return this;
    }

    /** See {@link CatalogEntry#title}. */
    public Builder setTitle(String title) {
      this.title = title;
      return this;
    }

    /** See {@link CatalogEntry#kind}. */
    public Builder setKind(Kind kind) {
      this.kind = kind;
      return this;
    }

    /** See {@link CatalogEntry#layout}. */
    public Builder setLayout(String layout) {
      this.layout = layout;
      return this;
    }

    /** See {@link CatalogEntry#folder}. */
    public Builder optFolder(String folder) {
      this.folder = folder;
      return this;
    }

    /** See {@link CatalogEntry#shipped}; default: no. */
    public Builder optShipped(boolean shipped) {
      this.shipped = shipped;
      return this;
    }

    /** See {@link CatalogEntry#files}. */
    public Builder optFiles(List<CatalogFile> files) {
      this.files = files;
      return this;
    }

    /** See {@link CatalogEntry#splits}. */
    public Builder setSplits(String splits) {
      this.splits = splits;
      return this;
    }

    /** See {@link CatalogEntry#size}. */
    public Builder setSize(String size) {
      this.size = size;
      return this;
    }

    /** See {@link CatalogEntry#home}. */
    public Builder setHome(String home) {
      this.home = home;
      return this;
    }

    /** See {@link CatalogEntry#licence}. */
    public Builder setLicence(String licence) {
      this.licence = licence;
      return this;
    }

    /** See {@link CatalogEntry#paper}. */
    public Builder optPaper(String paper) {
      this.paper = paper;
      return this;
    }

    /** See {@link CatalogEntry#source}. */
    public Builder optSource(String source) {
      this.source = source;
      return this;
    }

    /** Builds it; errors as in the record. */
    public CatalogEntry build() {
      return new CatalogEntry(
          name, title, kind, layout, folder, shipped, files, splits, size, home, licence, paper,
          source);
    }
  }
}
