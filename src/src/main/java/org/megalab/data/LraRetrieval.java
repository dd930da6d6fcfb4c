package org.megalab.data;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.megalab.data.file.MalformedFileException;
import org.megalab.data.file.TsvFile;

/**
 * The task "Retrieval" of the Long Range Arena (Tay et al. 2021), on the ACL Anthology Network:
 * whether one paper cites the other.
 *
 * <p>Files: {@code new_aan_pairs.train.tsv}, {@code new_aan_pairs.eval.tsv} and {@code
 * new_aan_pairs.test.tsv}, without a header, of the columns label, id1, id2, text1, text2; in the
 * release they lie in {@code tsv_data/}. A sequence is text1, one byte 0, text2, each text cut at
 * 4,000 bytes; a model with two towers splits it at the first byte 0.
 */
public final class LraRetrieval {
  /** The longest text, in bytes. */
  public static final int LONGEST = 4000;

  private static final int COLUMNS = 5;

  private LraRetrieval() {}

  /**
   * Opens the three files and checks every row.
   *
   * @throws IllegalArgumentException if a file is missing
   * @throws MalformedFileException if a row has not five cells, or a label that is neither 0 nor 1
   */
  public static ExampleSet open(Path folder) {
    Path absolute = Folders.require(folder, "new_aan_pairs.train.tsv, .eval.tsv and .test.tsv");
    return new ExampleSet(
        "retrieval",
        List.of("unrelated", "cites"),
        Numbers.SYMBOLS,
        read(absolute.resolve("new_aan_pairs.train.tsv")),
        read(absolute.resolve("new_aan_pairs.eval.tsv")),
        read(absolute.resolve("new_aan_pairs.test.tsv")));
  }

  private static Examples read(Path path) {
    TsvFile file = TsvFile.open(path, COLUMNS, LraRetrieval::label);
    return Examples.of(file.size(), i -> example(file.row(i)));
  }

  private static int label(TsvFile.Row row) {
    return switch (row.text(0)) {
      case "0", "0.0" -> 0;
      case "1", "1.0" -> 1;
      default -> throw row.fault(0, "the label 0, 1, 0.0 or 1.0");
    };
  }

  private static Example example(TsvFile.Row row) {
    byte[] first = row.cells().get(3);
    byte[] second = row.cells().get(4);
    int cut = Math.min(LONGEST, first.length);
    byte[] input = Arrays.copyOf(first, cut + 1 + Math.min(LONGEST, second.length));
    input[cut] = 0;
    System.arraycopy(second, 0, input, cut + 1, input.length - cut - 1);
    return Example.labelled(input, label(row), 2);
  }
}
