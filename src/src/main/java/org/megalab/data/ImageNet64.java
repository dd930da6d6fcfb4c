package org.megalab.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.megalab.data.file.ListFile;
import org.megalab.data.file.MalformedFileException;

/**
 * Down-sampled ImageNet (Chrabaszcz et al. 2017) as a set of classes: colour pictures of 64 by 64
 * pixels (or 8, 16, 32), row by row, the colours of a pixel together.
 *
 * <p>Files: {@code train_data_batch_1.npz} to {@code train_data_batch_10.npz} (1,281,167 pictures)
 * and {@code val_data.npz} (50,000), in one folder. The published validation pictures, which the
 * papers report, are the test split; the last 5,000 training pictures, or the last tenth of a
 * smaller set, are the validation split. The classes are called by {@code map_clsloc.txt} (lines
 * {@code n02119789 1 kit_fox}) where it lies beside the files, else by their numbers.
 */
public final class ImageNet64 {
  private static final String NAMES = "map_clsloc.txt";
  private static final String TRAIN = "train_data_batch_";
  private static final String VALIDATION = "val_data.npz";

  private ImageNet64() {}

  /**
   * Opens the set. Mean 0.45, deviation 0.27.
   *
   * @throws IllegalArgumentException if a file is missing
   * @throws MalformedFileException if a file is damaged or of another shape, or a label has no
   *     class
   */
  public static ExampleSet open(Path folder) {
    Path absolute = Folders.require(folder, TRAIN + "1.npz and more, " + VALIDATION);
    PlanarPictures train = train(absolute);
    List<String> names = names(absolute);
    int classes = names == null ? train.classes() : names.size();
    if (names == null) {
      names = IntStream.rangeClosed(1, classes).mapToObj(String::valueOf).toList();
    }
    PlanarPictures test = test(absolute);
    Examples all = examples(train.requireClasses(classes), classes);
    return new ExampleSet(
        Folders.name(absolute),
        names,
        Numbers.pixels(0.45, 0.27),
        HeldOut.train(all),
        HeldOut.validation(all),
        examples(test.requireClasses(classes), classes));
  }

  /** Whether the folder holds archives of the set. */
  static boolean isIn(Path folder) {
    return !Folders.files(folder, ".npz").isEmpty();
  }

  static PlanarPictures train(Path folder) {
    List<Path> batches =
        Folders.someFiles(folder, ".npz").stream()
            .filter(path -> Folders.name(path).startsWith(TRAIN))
            .sorted(
                Comparator.comparing(path -> "%32s".formatted(Folders.name(path)))) // 9 before 10
            .toList();
    return new PlanarPictures(
        batches.isEmpty() ? List.of(folder.resolve(TRAIN + "1.npz")) : batches);
  }

  static PlanarPictures test(Path folder) {
    return new PlanarPictures(List.of(folder.resolve(VALIDATION)));
  }

  private static Examples examples(PlanarPictures pictures, int classes) {
    return Examples.of(
        pictures.size(), i -> Example.labelled(pictures.raster(i), pictures.label(i), classes));
  }

  private static @Nullable List<String> names(Path folder) {
    Path path = folder.resolve(NAMES);
    if (!Files.exists(path)) {
      return null;
    }
    List<String> names = new ArrayList<>();
    ListFile.read(
        path,
        (line, offset) -> {
          String[] words = line.split(" ", 3);
          if (words.length < 3 || !words[1].equals(String.valueOf(names.size() + 1))) {
            throw ListFile.fault(
                path, offset, line, "\"n02119789 %d NAME\"".formatted(names.size() + 1));
          }
          names.add(words[2]);
        });
    return names;
  }
}
