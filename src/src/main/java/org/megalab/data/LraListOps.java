package org.megalab.data;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.megalab.data.file.MalformedFileException;
import org.megalab.data.file.TsvFile;

/**
 * The task "ListOps" of the Long Range Arena (Tay et al. 2021): the value, 0 … 9, of a nested
 * expression of up to 2,000 tokens.
 *
 * <p>Files: {@code basic_train.tsv} (96,000 rows), {@code basic_val.tsv} and {@code basic_test.tsv}
 * (2,000 each) with the columns {@code Source} and {@code Target}; in the release they lie in
 * {@code listops-1000/}. An expression becomes bytes by {@link ListOpsTokens}.
 */
public final class LraListOps {
  private static final int CLASSES = 10;

  private LraListOps() {}

  /**
   * Opens the three files and checks every row.
   *
   * @throws IllegalArgumentException if a file is missing
   * @throws MalformedFileException if a row is no expression with its value
   */
  public static ExampleSet open(Path folder) {
    Path absolute = Folders.require(folder, "basic_train.tsv, basic_val.tsv, basic_test.tsv");
    return new ExampleSet(
        "listops",
        IntStream.range(0, CLASSES).mapToObj(String::valueOf).toList(),
        Numbers.SYMBOLS,
        read(absolute.resolve("basic_train.tsv")),
        read(absolute.resolve("basic_val.tsv")),
        read(absolute.resolve("basic_test.tsv")));
  }

  private static Examples read(Path path) {
    TsvFile file = TsvFile.open(path, List.of("Source", "Target"), LraListOps::example);
    return Examples.of(file.size(), i -> example(file.row(i)));
  }

  private static Example example(TsvFile.Row row) {
    byte[] target = row.cells().get(1);
    if (target.length != 1 || target[0] < '0' || target[0] > '9') {
      throw row.fault(1, "a value of 0 to 9");
    }
    try {
      return Example.labelled(ListOpsTokens.encode(row.text(0)), target[0] - '0', CLASSES);
    } catch (IllegalArgumentException e) {
      MalformedFileException fault = row.fault(0, "an expression of ListOps: " + e.getMessage());
      fault.initCause(e);
      throw fault;
    }
  }
}
