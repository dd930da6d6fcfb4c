package org.megalab.data.file;

import java.nio.file.Path;
import java.util.List;

/**
 * Arrays of NumPy's archive {@code npz}. A stored member ({@code numpy.savez}) is read where it
 * lies, without its checksum being computed; a deflated one ({@code numpy.savez_compressed}) is
 * unpacked once into a temporary file and compared with its checksum.
 */
public final class NpzFile {
  private static final String EXTENSION = ".npy";

  private final String file;
  private final Archive archive;

  private NpzFile(Path path) {
    file = path.toAbsolutePath().toString();
    archive = Archive.open(path);
  }

  /**
   * Opens an archive; its arrays are opened by {@link #array}.
   *
   * @throws MalformedFileException if it is no zip archive, or is cut off
   * @throws IllegalArgumentException if there is no such file
   */
  public static NpzFile open(Path path) {
    return new NpzFile(path);
  }

  /** Returns the names of the arrays. */
  public List<String> names() {
    return archive.names().stream()
        .filter(name -> name.endsWith(EXTENSION))
        .map(name -> name.substring(0, name.length() - EXTENSION.length()))
        .toList();
  }

  /**
   * Opens an array.
   *
   * @throws MalformedFileException if there is none of that name, or it is none, of another type or
   *     order, or damaged
   */
  public NpyFile array(String name) {
    if (!names().contains(name)) {
      throw new MalformedFileException(
          file, 0, "the arrays " + names(), "an array '" + name + "'", "check which file this is");
    }
    String member = name + EXTENSION;
    return NpyFile.open(file + "!/" + member, archive.document(member));
  }
}
