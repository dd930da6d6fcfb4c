package org.megalab.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.megalab.data.file.ImageFile;
import org.megalab.data.file.ListFile;
import org.megalab.data.file.MalformedFileException;
import org.megalab.data.file.Picture;

/**
 * The tasks "Pathfinder" and "Path-X" of the Long Range Arena (Tay et al. 2021; Linsley et al.
 * 2018): whether a dashed path joins two dots, from the grey picture row by row.
 *
 * <p>The folder is {@code pathfinder32} (1,024 bytes a picture), {@code pathfinder64}, {@code
 * pathfinder128} (Path-X, 16,384 bytes) or {@code pathfinder256} of the release. In it each {@link
 * Level} has a folder with {@code imgs/N/sample_M.png} and {@code metadata/N.npy}. The latter are
 * no arrays but text, a line a picture: {@code imgs/N sample_M.png M LABEL …}. Pictures of no bytes
 * are left out; the release has one.
 *
 * <p>The arena takes 80, 10 and 10 % of an order that its release does not say; here it is a fixed
 * shuffled order of the lines.
 */
public final class LraPathfinder {
  private static final Pattern LINE = Pattern.compile("(\\S+) (\\S+) \\S+ ([01])( .*)?");

  private final Path folder;
  private final NameTable names = new NameTable();
  private int side;

  /** How long the paths are. The results in the papers are those of {@link #HARD}. */
  public enum Level {
    /** {@code curv_baseline}. */
    EASY("curv_baseline"),
    /** {@code curv_contour_length_9}. */
    INTERMEDIATE("curv_contour_length_9"),
    /** {@code curv_contour_length_14}. */
    HARD("curv_contour_length_14");

    private final String folder;

    Level(String folder) {
      this.folder = folder;
    }
  }

  private LraPathfinder(Path folder) {
    this.folder = folder;
  }

  /** Opens the level of the papers, {@link Level#HARD}; errors as in the other {@code open}. */
  public static ExampleSet open(Path folder) {
    return open(folder, Level.HARD);
  }

  /**
   * Opens a level. Mean 0.5, deviation 0.5.
   *
   * @param folder as {@code lra_release/pathfinder32}
   * @throws IllegalArgumentException if a folder is missing or has no metadata
   * @throws MalformedFileException if a line of the metadata is none, or names a picture that is
   *     not there
   */
  public static ExampleSet open(Path folder, Level level) {
    Path absolute = Folders.require(folder, level.folder + "/{imgs,metadata}");
    LraPathfinder set = new LraPathfinder(absolute.resolve(level.folder));
    Examples all = set.read();
    int[] order = HeldOut.shuffled(all.size());
    int train = all.size() * 8 / 10;
    int validation = all.size() * 9 / 10;
    return new ExampleSet(
        Folders.name(absolute),
        List.of("apart", "joined"),
        Numbers.pixels(0.5, 0.5),
        HeldOut.part(all, 0, train, i -> order[i]),
        HeldOut.part(all, train, validation, i -> order[i]),
        HeldOut.part(all, validation, all.size(), i -> order[i]));
  }

  private Examples read() {
    Folders.someFiles(folder.resolve("metadata"), ".npy").stream()
        .sorted(Comparator.comparing(path -> "%20s".formatted(Folders.name(path)))) // 9 before 10
        .forEach(path -> ListFile.read(path, (line, offset) -> line(path, offset, line)));
    names.done();
    if (names.size() < 2) {
      throw new IllegalArgumentException(
          folder + ": the metadata name fewer than two pictures; fetch the release again");
    }
    side = ImageFile.read(folder.resolve(names.name(0))).width();
    return Examples.of(names.size(), this::example);
  }

  private void line(Path path, long offset, String line) {
    Matcher matcher = LINE.matcher(line);
    if (!matcher.matches()) {
      throw ListFile.fault(
          path, offset, line, "\"imgs/N sample_M.png M LABEL …\" with the label 0 or 1");
    }
    String name = matcher.group(1) + "/" + matcher.group(2);
    Path picture = folder.resolve(name).normalize();
    if (!picture.startsWith(folder) || !Files.isRegularFile(picture)) {
      throw ListFile.fault(path, offset, line, "the name of a picture in " + folder);
    }
    try {
      if (Files.size(picture) > 0) {
        names.add(name, matcher.group(3).equals("1") ? 1 : 0);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(picture + ": its length cannot be read: " + e, e);
    }
  }

  private Example example(int index) {
    Path path = folder.resolve(names.name(index));
    Picture picture = ImageFile.read(path);
    if (picture.width() != side || picture.height() != side) {
      throw new MalformedFileException(
          path,
          0,
          "%d by %d pixels".formatted(picture.width(), picture.height()),
          "%d by %d as in the first picture".formatted(side, side),
          "unpack the release again");
    }
    return Example.labelled(picture.grey().raster(), names.label(index), 2);
  }
}
