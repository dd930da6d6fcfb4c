package org.megalab.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.megalab.data.file.IdxFile;
import org.megalab.data.file.MalformedFileException;

/**
 * Fashion-MNIST (Xiao et al. 2017) and MNIST: grey pictures of 28 by 28 pixels of ten classes, read
 * row by row as sequences of 784 bytes.
 *
 * <p>Files: {@code train-images-idx3-ubyte}, {@code train-labels-idx1-ubyte}, {@code
 * t10k-images-idx3-ubyte}, {@code t10k-labels-idx1-ubyte}, each plain or with {@code .gz}. The last
 * 5,000 of the 60,000 training pictures, or the last tenth of a smaller set, are the validation
 * split.
 */
public final class Mnist {
  private static final List<String> CLOTHES =
      List.of(
          "T-shirt/top",
          "Trouser",
          "Pullover",
          "Dress",
          "Coat",
          "Sandal",
          "Shirt",
          "Sneaker",
          "Bag",
          "Ankle boot");

  private Mnist() {}

  /**
   * Opens Fashion-MNIST. Pixels have the mean 0.2860 and the deviation 0.3530.
   *
   * @throws IllegalArgumentException if a file is missing
   * @throws MalformedFileException if a file is damaged, pictures and labels are not equally many,
   *     or a label is above 9
   */
  public static ExampleSet fashion(Path folder) {
    return open("fashion-mnist", folder, CLOTHES, Numbers.pixels(0.2860, 0.3530));
  }

  /** Opens MNIST's digits; errors as in {@link #fashion}. Mean 0.1307, deviation 0.3081. */
  public static ExampleSet digits(Path folder) {
    List<String> digits = IntStream.range(0, 10).mapToObj(String::valueOf).toList();
    return open("mnist", folder, digits, Numbers.pixels(0.1307, 0.3081));
  }

  private static ExampleSet open(String name, Path folder, List<String> classes, Numbers numbers) {
    Path absolute = Folders.require(folder, "train-images-idx3-ubyte.gz and three more");
    Examples train = read(absolute, "train", classes);
    return new ExampleSet(
        name,
        classes,
        numbers,
        HeldOut.train(train),
        HeldOut.validation(train),
        read(absolute, "t10k", classes));
  }

  private static Examples read(Path folder, String split, List<String> classes) {
    IdxFile images = idx(folder, split + "-images-idx3-ubyte", 3);
    IdxFile labels = idx(folder, split + "-labels-idx1-ubyte", 1);
    if (images.size() != labels.size()) {
      throw new MalformedFileException(
          labels.file(),
          4,
          labels.size() + " labels",
          images.size() + " as there are pictures",
          "take both files from the same release");
    }
    byte[] classOf = labels.data().read(0, labels.size());
    for (int i = 0; i < classOf.length; i++) {
      if ((classOf[i] & 0xFF) >= classes.size()) {
        throw new MalformedFileException(
            labels.file(),
            labels.offset(i),
            "the label " + (classOf[i] & 0xFF),
            "0 to " + (classes.size() - 1),
            "fetch the file again and compare its checksum");
      }
    }
    return Examples.of(
        images.size(), i -> Example.labelled(images.item(i), classOf[i], classes.size()));
  }

  private static IdxFile idx(Path folder, String name, int dimensions) {
    Path plain = folder.resolve(name);
    IdxFile file = IdxFile.open(Files.exists(plain) ? plain : folder.resolve(name + ".gz"));
    if (file.shape().size() != dimensions) {
      throw new MalformedFileException(
          file.file(),
          3,
          "the shape " + file.shape(),
          dimensions + " dimensions",
          "check which file this is");
    }
    return file;
  }
}
