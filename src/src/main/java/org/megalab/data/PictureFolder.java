package org.megalab.data;

import java.nio.file.Path;
import java.util.List;
import org.megalab.data.file.ImageFile;
import org.megalab.data.file.MalformedFileException;
import org.megalab.data.file.Picture;

/**
 * Pictures in PNG and JPEG files of a folder and the folders in it, each file of one picture, in
 * the order of their names; the name of a folder in it is the class.
 */
final class PictureFolder implements PictureSource {
  private static final String[] ENDINGS = {".png", ".jpeg", ".jpg"};

  private final Path folder;
  private final boolean resized;
  private final List<String> classes;
  private final int side;
  private final NameTable names = new NameTable();

  /**
   * The pictures of a folder: its own, or if it has none, those of the folders in it.
   *
   * @param side the pixels a side, or 0 for those of the first picture
   * @param resized whether pictures are cropped and resized to that, else they must have it
   */
  PictureFolder(Path folder, int side, boolean resized) {
    this.folder = folder;
    this.resized = resized;
    if (Folders.files(folder, ENDINGS).isEmpty()) {
      classes = Folders.folders(folder).stream().map(Folders::name).toList();
    } else {
      classes = List.of();
    }
    for (int c = 0; c < classes.size(); c++) {
      String prefix = classes.get(c) + "/";
      for (Path file : Folders.someFiles(folder.resolve(classes.get(c)), ENDINGS)) {
        names.add(prefix + Folders.name(file), c);
      }
    }
    if (classes.isEmpty()) {
      Folders.someFiles(folder, ENDINGS).forEach(file -> names.add(Folders.name(file), 0));
    }
    names.done();
    this.side = side > 0 ? side : ImageFile.read(folder.resolve(names.name(0))).width();
  }

  /** The folders in the folder; empty if the pictures lie in itself. */
  List<String> classes() {
    return classes;
  }

  /** The number of the folder in which a picture lies. */
  int label(int index) {
    return names.label(index);
  }

  @Override
  public int size() {
    return names.size();
  }

  @Override
  public int side() {
    return side;
  }

  @Override
  public String name(int index) {
    return names.name(index);
  }

  @Override
  public byte[] raster(int index) {
    Path path = folder.resolve(names.name(index));
    Picture picture = ImageFile.read(path);
    if (resized) {
      return picture.square(side).rgb().raster();
    }
    if (picture.width() != side || picture.height() != side) {
      throw new MalformedFileException(
          path,
          0,
          "%d by %d pixels".formatted(picture.width(), picture.height()),
          "%d by %d as in the first picture".formatted(side, side),
          "let the pictures be resized, or leave this one out");
    }
    return picture.rgb().raster();
  }
}
