package org.megalab.data;

import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;

/**
 * ImageNet-1k as it is unpacked for training (Russakovsky et al. 2015): {@code train/SYNSET/*.JPEG}
 * and {@code val/SYNSET/*.JPEG}, the validation pictures sorted into the same folders. Classes are
 * called by their folders and numbered in the order of these.
 *
 * <p>Of a picture the largest square in the middle is taken and resized by areas ({@link
 * org.megalab.data.file.Picture#square}). The published validation pictures are the test split; the
 * last 5,000 training pictures of a fixed shuffled order, or a tenth of a smaller set, are the
 * validation split. Opening lists the folders; a picture is decoded when it is asked for.
 */
public final class ImageNetFolders {
  private ImageNetFolders() {}

  /**
   * Opens the set with pictures of {@code side} by {@code side} pixels in colour, row by row. Mean
   * 0.45, deviation 0.225.
   *
   * @throws IllegalArgumentException if a folder is missing or has no pictures, the two have not
   *     the same classes, or the side is not positive
   */
  public static ExampleSet open(Path folder, int side) {
    Path absolute = Folders.require(folder, "train/SYNSET/*.JPEG and val/SYNSET/*.JPEG");
    ImageScan.raster(side); // refuses what is no side
    PictureFolder pictures = pictures(absolute.resolve("train"), side);
    PictureFolder tests = pictures(absolute.resolve("val"), side);
    List<String> classes = pictures.classes();
    List<String> tested = tests.classes();
    if (!classes.equals(tested)) {
      TreeSet<String> lonely = new TreeSet<>(classes);
      tested.forEach(
          name -> {
            if (!lonely.remove(name)) {
              lonely.add(name);
            }
          });
      throw new IllegalArgumentException(
          "%s: train/ has %d class folders and val/ has %d; only one has %s; sort the validation pictures into the"
                  .formatted(
                      absolute, classes.size(), tested.size(), lonely.stream().limit(10).toList())
              + " folders of their classes");
    }
    Examples train = examples(pictures, classes.size());
    int[] order = HeldOut.shuffled(train.size());
    Examples shuffled = HeldOut.part(train, 0, train.size(), i -> order[i]);
    return new ExampleSet(
        Folders.name(absolute),
        classes,
        Numbers.pixels(0.45, 0.225),
        HeldOut.train(shuffled),
        HeldOut.validation(shuffled),
        examples(tests, classes.size()));
  }

  private static PictureFolder pictures(Path split, int side) {
    PictureFolder pictures =
        new PictureFolder(Folders.require(split, "a folder for each class"), side, true);
    if (pictures.classes().isEmpty()) {
      throw new IllegalArgumentException(
          split + ": the pictures lie in no class folders; sort them into SYNSET/");
    }
    return pictures;
  }

  private static Examples examples(PictureFolder pictures, int classes) {
    return Examples.of(
        pictures.size(), i -> Example.labelled(pictures.raster(i), pictures.label(i), classes));
  }
}
