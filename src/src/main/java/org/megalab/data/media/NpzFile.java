package org.megalab.data.media;

import java.nio.file.Path;
import java.util.List;
import org.megalab.data.Document;

/**
 * Arrays of NumPy's archive {@code npz}. A stored member ({@code numpy.savez}) is read where it
 * lies, without its checksum being computed; a deflated one ({@code numpy.savez_compressed}) is
 * unpacked once into a temporary file and compared with its checksum.
 */
public final class NpzFile {
  private static final String EXTENSION = ".npy";

  private final String file;
  private final ZipMembers zip;

  private NpzFile(Path path) {
    file = path.toAbsolutePath().toString();
    zip = new ZipMembers(path);
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
    return zip.members().keySet().stream()
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
    ZipMembers.Member member = zip.members().get(name + EXTENSION);
    if (member == null) {
      throw new MalformedFileException(
          file, 0, "the arrays " + names(), "an array '" + name + "'", "check which file this is");
    }
    String place = file + "!" + member.name();
    if (member.length() == 0) {
      throw new MalformedFileException(place, 0, "an empty member", "an array", Fields.FETCH_AGAIN);
    }
    Document bytes = zip.open(member);
    return NpyFile.open(place, bytes);
  }
}
