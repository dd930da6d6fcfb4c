package org.megalab.data;

import java.util.Locale;
import org.megalab.json.ConfigException;

/**
 * A file or folder of a data set in its public layout.
 *
 * @param path where it is in the data set's folder; a folder ends in {@code /}
 * @param use what it is for
 * @param bytes its published length, or 0 where nobody publishes it
 * @param algorithm of its published checksum: md5, sha1 or sha256; empty where nobody publishes one
 * @param checksum in hexadecimal digits; empty where nobody publishes one
 */
public record CatalogFile(String path, Use use, long bytes, String algorithm, String checksum) {

  /** What a file is for. */
  public enum Use {
    /** The loader reads it. */
    NEEDED,
    /** The loader reads it where it is there. */
    OPTIONAL,
    /** The loader reads it instead of all that is needed. */
    INSTEAD,
    /** What is fetched; unpacked here, it gives the files that are needed. */
    ARCHIVE
  }

  /**
   * Checks the checksum.
   *
   * @throws ConfigException if the path leads out of the folder, or the checksum is none of its
   *     algorithm
   */
  public CatalogFile {
    ConfigException.check(
        !path.isEmpty() && !path.startsWith("/") && !path.contains(".."),
        "path must be relative, within the data set's folder, got \"%s\"",
        path);
    int digits =
        switch (algorithm) {
          case "" -> 0;
          case "md5" -> 32;
          case "sha1" -> 40;
          case "sha256" -> 64;
          default ->
              throw new ConfigException(
                  "algorithm must be md5, sha1, sha256 or empty, got \"" + algorithm + "\"");
        };
    ConfigException.check(
        checksum.matches("[0-9a-f]{" + digits + "}"),
        "the checksum of %s must be %s digits 0-9a-f for the algorithm \"%s\", got \"%s\"",
        path,
        digits,
        algorithm,
        checksum);
    ConfigException.check(bytes >= 0, "bytes must be at least 0, got %s", bytes);
  }

  /** Whether length or checksum are published. */
  public boolean isPublished() {
    return bytes > 0 || !checksum.isEmpty();
  }

  /** What is known of the file, on one line. */
  @Override
  public String toString() {
    String use =
        this.use == Use.NEEDED ? "" : " (" + this.use.name().toLowerCase(Locale.ROOT) + ")";
    return path
        + use
        + (bytes > 0 ? ", %,d bytes".formatted(bytes) : "")
        + (checksum.isEmpty() ? "" : ", " + algorithm + " " + checksum);
  }

  /** Starts from a needed file of which nothing is published. */
  public static Builder builder() {
    return new Builder();
  }

  /** Builds files. */
  public static final class Builder {
    private String path = "";
    private Use use = Use.NEEDED;
    private long bytes;
    private String algorithm = "";
    private String checksum = "";

    private Builder() {}

    /** See {@link CatalogFile#path}. */
    public Builder setPath(String path) {
      this.path = path;
      return this;
    }

    /** See {@link CatalogFile#use}; default: needed. */
    public Builder optUse(Use use) {
      this.use = use;
      return this;
    }

    /** See {@link CatalogFile#bytes}. */
    public Builder optBytes(long bytes) {
      this.bytes = bytes;
      return this;
    }

    /** See {@link CatalogFile#algorithm}. */
    public Builder optAlgorithm(String algorithm) {
      this.algorithm = algorithm;
      return this;
    }

    /** See {@link CatalogFile#checksum}. */
    public Builder optChecksum(String checksum) {
      this.checksum = checksum;
      return this;
    }

    /** Builds it; errors as in the record. */
    public CatalogFile build() {
      return new CatalogFile(path, use, bytes, algorithm, checksum);
    }
  }
}
