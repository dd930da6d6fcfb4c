package org.megalab.data;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.megalab.data.file.Document;
import org.megalab.data.file.MalformedFileException;
import org.megalab.data.file.Picture;

/**
 * CIFAR-10 (Krizhevsky 2009), and with it the task "Image" of the Long Range Arena: 32 by 32 pixels
 * read row by row.
 *
 * <p>The binary version: {@code data_batch_1.bin} to {@code data_batch_5.bin} and {@code
 * test_batch.bin}, records of a label and 1024 red, 1024 green and 1024 blue bytes. The last 5,000
 * of the 50,000 training pictures are the validation split, as in the Long Range Arena; a tenth of
 * a smaller set.
 */
public final class Cifar10 {
  private static final int PLANE = 32 * 32;
  private static final int RECORD = 1 + 3 * PLANE;
  private static final List<String> CLASSES =
      List.of(
          "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck");

  private Cifar10() {}

  /**
   * Opens the pictures in grey ({@link Picture#grey}), 1024 bytes each. Mean 0.48, deviation 0.24
   * (Ma et al. 2023).
   *
   * @throws IllegalArgumentException if a file is missing
   * @throws MalformedFileException if a file does not consist of whole records, or a label is above
   *     9
   */
  public static ExampleSet grey(Path folder) {
    return open("cifar10-grey", folder, true, Numbers.pixels(0.48, 0.24));
  }

  /** Opens the pictures in colour, 3072 bytes each, the colours of a pixel together. */
  public static ExampleSet rgb(Path folder) {
    return open("cifar10", folder, false, Numbers.pixels(0.473, 0.251));
  }

  private static ExampleSet open(String name, Path folder, boolean grey, Numbers numbers) {
    Path absolute = Folders.require(folder, "data_batch_1.bin to data_batch_5.bin, test_batch.bin");
    List<Path> batches =
        Folders.files(absolute, ".bin").stream()
            .filter(path -> Folders.name(path).startsWith("data_batch_"))
            .toList();
    if (batches.isEmpty()) {
      batches = List.of(absolute.resolve("data_batch_1.bin")); // fails, and names it
    }
    Examples train = read(batches, grey);
    return new ExampleSet(
        name,
        CLASSES,
        numbers,
        HeldOut.train(train),
        HeldOut.validation(train),
        read(List.of(absolute.resolve("test_batch.bin")), grey));
  }

  private static Examples read(List<Path> paths, boolean grey) {
    List<Document> files = paths.stream().map(Document::file).toList();
    int[] first = new int[files.size() + 1]; // first[f]: pictures in the files before f
    for (int f = 0; f < files.size(); f++) {
      check(paths.get(f), files.get(f).length());
      first[f + 1] = Math.toIntExact(first[f] + files.get(f).length() / RECORD);
    }
    return Examples.of(
        first[files.size()],
        i -> {
          int found = Arrays.binarySearch(first, i);
          int f = found >= 0 ? found : -found - 2;
          return example(files.get(f).read((long) (i - first[f]) * RECORD, RECORD), grey);
        });
  }

  private static Example example(byte[] record, boolean grey) {
    byte[] raster = new byte[3 * PLANE];
    for (int p = 0; p < PLANE; p++) {
      for (int c = 0; c < 3; c++) {
        raster[3 * p + c] = record[1 + c * PLANE + p];
      }
    }
    byte[] input = grey ? new Picture(32, 32, 3, raster).grey().raster() : raster;
    return Example.labelled(input, record[0], CLASSES.size());
  }

  /** Walks through the labels of a file. */
  private static void check(Path path, long length) {
    if (length % RECORD != 0) {
      throw fault(
          path, length - length % RECORD, "a record of " + length % RECORD + " bytes", "3073");
    }
    try (InputStream in = new BufferedInputStream(Files.newInputStream(path), 1 << 16)) {
      for (long at = 0; at < length; at += RECORD) {
        int label = in.read();
        if (label >= CLASSES.size()) {
          throw fault(path, at, "the label " + label, "0 to 9");
        }
        in.skipNBytes(RECORD - 1L);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(path + ": it cannot be read: " + e, e);
    }
  }

  private static MalformedFileException fault(
      Path path, long offset, String found, String expected) {
    return new MalformedFileException(
        path, offset, found, expected, "take the binary version of CIFAR-10, and fetch it again");
  }
}
