package org.megalab.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.megalab.data.file.Document;

/**
 * Pictures in colour as documents of raw bytes, one a picture, for models of their density
 * (MEGABYTE, section 6). All have the same length, 3n² bytes.
 *
 * <p>Three layouts are read:
 *
 * <ul>
 *   <li>Down-sampled ImageNet as archives ({@link ImageNet64});
 *   <li>Down-sampled ImageNet as pictures (van den Oord et al. 2016): {@code train_64x64/*.png} and
 *       {@code valid_64x64/*.png};
 *   <li>any {@code train/}, {@code validation/} (or {@code valid/}, {@code val/}) and {@code test/}
 *       with PNG or JPEG files, or with a folder of these for each class.
 * </ul>
 *
 * <p>Where there is no test split, the published validation pictures are the test split, since the
 * papers report them, and the last min(5000, ⌊n / 10⌋) training pictures, of a fixed shuffled order
 * where they lie in class folders, the validation split.
 *
 * <p>Training windows should start at multiples of the window's length: {@link RandomWindows} with
 * a stride. The common mistake is to let them start anywhere, in the middle of a pixel.
 */
public final class ImageCorpus {
  private ImageCorpus() {}

  /**
   * Opens pictures that are all squares of one size.
   *
   * @param folder the folder
   * @param patchSide pixels a side of the patches by which a picture is read, 1 for row by row
   * @throws IllegalArgumentException if a folder is missing or has no pictures, or patches of that
   *     side do not fit
   * @throws org.megalab.data.file.MalformedFileException if an archive or the first picture of a
   *     folder is damaged
   */
  public static Corpus open(Path folder, int patchSide) {
    return open(folder, patchSide, 0);
  }

  /**
   * Opens pictures of any size, of which the largest square in the middle is resized to {@code
   * side} pixels a side; errors as in {@link #open(Path, int)}.
   */
  public static Corpus resized(Path folder, int side, int patchSide) {
    ImageScan.raster(side); // refuses what is no side
    return open(folder, patchSide, side);
  }

  private static Corpus open(Path folder, int patchSide, int side) {
    Path absolute =
        Folders.require(folder, "train_data_batch_1.npz and val_data.npz, or train/ with pictures");
    if (side == 0 && ImageNet64.isIn(absolute)) {
      PlanarPictures train = ImageNet64.train(absolute);
      PlanarPictures test = ImageNet64.test(absolute);
      ImageScan scan = new ImageScan(train.side(), patchSide);
      IntStream order = IntStream.range(0, train.size());
      return corpus(absolute, scan, documents(train, scan, order), List.of(), all(test, scan));
    }
    PictureFolder train = split(absolute, side, side > 0, "train", "train_64x64");
    if (train == null) {
      throw new IllegalArgumentException(
          absolute
              + ": there is no train/, no train_64x64/ and no train_data_batch_1.npz; give the folder in which one"
              + " of these lies");
    }
    ImageScan scan = new ImageScan(train.side(), patchSide);
    IntStream order =
        train.classes().isEmpty()
            ? IntStream.range(0, train.size())
            : IntStream.of(HeldOut.shuffled(train.size()));
    PictureFolder validation =
        split(absolute, train.side(), side > 0, "validation", "valid", "val", "valid_64x64");
    PictureFolder test = split(absolute, train.side(), side > 0, "test");
    return corpus(
        absolute, scan, documents(train, scan, order), all(validation, scan), all(test, scan));
  }

  /** The first of the folders that is there. */
  private static @Nullable PictureFolder split(
      Path folder, int side, boolean resized, String... names) {
    for (String name : names) {
      if (Files.isDirectory(folder.resolve(name))) {
        return new PictureFolder(folder.resolve(name), side, resized);
      }
    }
    return null;
  }

  private static List<Document> all(@Nullable PictureSource source, ImageScan scan) {
    return source == null ? List.of() : documents(source, scan, IntStream.range(0, source.size()));
  }

  private static List<Document> documents(PictureSource source, ImageScan scan, IntStream order) {
    if (source.side() != scan.side()) {
      throw new IllegalArgumentException(
          "%s: the picture has %d pixels a side, those to learn from have %d; resize them"
              .formatted(source.name(0), source.side(), scan.side()));
    }
    return order.<Document>mapToObj(i -> new ImageDocument(source, i, scan)).toList();
  }

  /** What is there as three splits, by the rule of the class. */
  private static Corpus corpus(
      Path folder,
      ImageScan scan,
      List<Document> train,
      List<Document> validation,
      List<Document> test) {
    boolean published = !test.isEmpty() && !validation.isEmpty();
    int kept = published ? train.size() : train.size() - HeldOut.count(train.size());
    String order = scan.patchSide() == 1 ? "" : "-patch" + scan.patchSide();
    return new Corpus(
        Folders.name(folder) + order,
        new Split("train", train.subList(0, kept)),
        new Split("validation", published ? validation : train.subList(kept, train.size())),
        new Split("test", test.isEmpty() ? validation : test),
        folder);
  }
}
