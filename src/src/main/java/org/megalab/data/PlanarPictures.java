package org.megalab.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.megalab.data.file.MalformedFileException;
import org.megalab.data.file.NpyFile;
import org.megalab.data.file.NpzFile;

/**
 * Pictures in archives of Down-sampled ImageNet (Chrabaszcz et al. 2017): an array {@code data} of
 * N × 3n² bytes, all red, all green, all blue of a picture, and an array {@code labels} of N
 * classes from 1 on.
 */
final class PlanarPictures implements PictureSource {
  private static final String REMEDY = "take the npz files of Down-sampled ImageNet";

  private final List<Path> paths;
  private final List<NpyFile> data = new ArrayList<>();
  private final List<NpyFile> labels = new ArrayList<>();
  private final int[] first; // first[f]: pictures in the files before f
  private final short[] classOf;
  private final int side;

  PlanarPictures(List<Path> paths) {
    this.paths = paths;
    first = new int[paths.size() + 1];
    for (int f = 0; f < paths.size(); f++) {
      NpzFile file = NpzFile.open(paths.get(f));
      data.add(file.array("data"));
      labels.add(file.array("labels"));
      check(data.get(f), labels.get(f));
      first[f + 1] = Math.addExact(first[f], data.get(f).size());
    }
    side = side(data.get(0));
    classOf = new short[first[paths.size()]];
    for (int f = 0; f < paths.size(); f++) {
      readLabels(f);
    }
  }

  private void check(NpyFile pictures, NpyFile classes) {
    if (pictures.type() != NpyFile.Type.UINT8
        || side(pictures) < 1
        || side(pictures) != side(data.get(0))) {
      throw new MalformedFileException(
          pictures.file(),
          pictures.offset(0),
          "the shape %s of %s".formatted(pictures.shape(), pictures.type()),
          data.size() == 1
              ? "N × 3n² bytes"
              : "N × " + data.get(0).itemLength() + " bytes as before",
          REMEDY);
    }
    if (classes.size() != pictures.size() || classes.itemLength() != 1) {
      throw new MalformedFileException(
          classes.file(),
          classes.offset(0),
          "the shape " + classes.shape(),
          "as many labels as pictures, " + pictures.size(),
          REMEDY);
    }
  }

  /** The side of the pictures, or 0 if they are no squares of three colours. */
  private static int side(NpyFile pictures) {
    long pixels = pictures.size() == 0 ? 0 : pictures.itemLength() / 3;
    int side = (int) Math.round(Math.sqrt((double) pixels));
    return pictures.itemLength() % 3 == 0 && (long) side * side == pixels && side < 1 << 14
        ? side
        : 0;
  }

  private void readLabels(int f) {
    long[] classes = labels.get(f).integers(0, labels.get(f).size());
    for (int i = 0; i < classes.length; i++) {
      if (classes[i] < 1 || classes[i] > 1 << 15) {
        throw labelFault(f, i, classes[i], "1 to 32768");
      }
      classOf[first[f] + i] = (short) (classes[i] - 1);
    }
  }

  private MalformedFileException labelFault(int f, int i, long label, String expected) {
    return new MalformedFileException(
        labels.get(f).file(), labels.get(f).offset(i), "the label " + label, expected, REMEDY);
  }

  /** The number of classes, by the largest label. */
  int classes() {
    int most = 0;
    for (short label : classOf) {
      most = Math.max(most, label + 1);
    }
    return most;
  }

  /** Refuses labels of more classes. */
  PlanarPictures requireClasses(int classes) {
    for (int i = 0; i < classOf.length; i++) {
      if (classOf[i] >= classes) {
        throw labelFault(fileOf(i), i - first[fileOf(i)], classOf[i] + 1L, "1 to " + classes);
      }
    }
    return this;
  }

  /** The class of a picture, from 0 on. */
  int label(int index) {
    return classOf[index];
  }

  private int fileOf(int index) {
    int found = Arrays.binarySearch(first, index);
    return found >= 0 ? found : -found - 2;
  }

  @Override
  public int size() {
    return classOf.length;
  }

  @Override
  public int side() {
    return side;
  }

  @Override
  public String name(int index) {
    int f = fileOf(index);
    return "%s!/data.npy[%d]".formatted(paths.get(f).getFileName(), index - first[f]);
  }

  @Override
  public byte[] raster(int index) {
    int f = fileOf(index);
    byte[] planar = data.get(f).bytes(index - first[f]);
    byte[] raster = new byte[planar.length];
    int plane = side * side;
    for (int p = 0; p < plane; p++) {
      for (int c = 0; c < 3; c++) {
        raster[3 * p + c] = planar[c * plane + p];
      }
    }
    return raster;
  }
}
