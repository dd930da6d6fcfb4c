package org.megalab.train;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.LongColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/**
 * Runs side by side, as their directories tell them.
 *
 * <pre>{@code
 * Table table = RunTable.of(RunTable.find(Path.of("runs")));
 * }</pre>
 */
public final class RunTable {

  private static final DateTimeFormatter WHEN =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT);

  private static final long UNKNOWN = -1;

  private RunTable() {}

  /**
   * Finds the runs in a folder and in the folders below it.
   *
   * @return the directories of the runs by their path from the folder, in alphabetical order; none
   *     where there is no such folder
   */
  public static SortedMap<String, Path> find(Path folder) {
    SortedMap<String, Path> found = new TreeMap<>();
    if (!Files.isDirectory(folder)) {
      return found;
    }
    try {
      Files.walkFileTree(
          folder,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes attributes) {
              if (!RunDirectory.isRun(path)) {
                return FileVisitResult.CONTINUE;
              }
              String name = folder.relativize(path).toString();
              found.put(name.isEmpty() ? path.toString() : name, path);
              return FileVisitResult.SKIP_SUBTREE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path path, IOException e) {
              return FileVisitResult.CONTINUE; // what cannot be read is not ours
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException(folder + " cannot be searched: " + e, e);
    }
    return found;
  }

  /**
   * Returns one row a run: run, architecture, parameters, data, steps done, of how many, bytes,
   * seconds, bits per byte of the last batch and of the newest validation, its accuracy where there
   * are answers, state, and when the metrics were last written. A run is {@code complete}, {@code
   * unfinished} — it was stopped, or goes on elsewhere — or {@code unreadable} with the reason.
   *
   * @param directories the runs' directories by the names that the table shall have
   */
  public static Table of(Map<String, Path> directories) {
    List<Row> rows = directories.entrySet().stream().map(Row::of).toList();
    DoubleColumn accuracy = numbers("validation accuracy", rows, Row::accuracy);
    Table table =
        Table.create(
            "runs",
            texts("run", rows, Row::name),
            texts("architecture", rows, Row::architecture),
            counts("parameters", rows, Row::parameters),
            texts("data", rows, Row::data),
            counts("steps", rows, Row::steps),
            counts("of", rows, Row::planned),
            counts("bytes", rows, Row::bytes),
            numbers("seconds", rows, Row::seconds),
            numbers("train bpb", rows, Row::training),
            numbers("validation bpb", rows, Row::validation));
    if (accuracy.countMissing() < accuracy.size()) {
      table.addColumns(accuracy);
    }
    return table.addColumns(texts("state", rows, Row::state), texts("when", rows, Row::when));
  }

  private static StringColumn texts(String name, List<Row> rows, Function<Row, String> value) {
    return StringColumn.create(name, rows.stream().map(value));
  }

  private static LongColumn counts(String name, List<Row> rows, ToLongFunction<Row> value) {
    LongColumn column = LongColumn.create(name);
    for (Row row : rows) {
      if (value.applyAsLong(row) == UNKNOWN) {
        column.appendMissing();
      } else {
        column.append(value.applyAsLong(row));
      }
    }
    return column;
  }

  private static DoubleColumn numbers(String name, List<Row> rows, ToDoubleFunction<Row> value) {
    return DoubleColumn.create(name, rows.stream().mapToDouble(value));
  }

  private record Row(
      String name,
      String architecture,
      long parameters,
      String data,
      long steps,
      long planned,
      long bytes,
      double seconds,
      double training,
      double validation,
      double accuracy,
      String state,
      String when) {

    static Row of(Map.Entry<String, Path> entry) {
      String when =
          RunDirectory.written(entry.getValue())
              .map(time -> WHEN.format(time.atZone(ZoneId.systemDefault())))
              .orElse("");
      try {
        return of(entry.getKey(), Run.open(entry.getValue()), when);
      } catch (RuntimeException e) { // one damaged run does not hide the others
        String reason = "unreadable: " + e.getMessage();
        double no = Double.NaN;
        return new Row(
            entry.getKey(),
            "",
            UNKNOWN,
            "",
            UNKNOWN,
            UNKNOWN,
            UNKNOWN,
            no,
            no,
            no,
            no,
            reason,
            when);
      }
    }

    private static Row of(String name, Run run, String when) {
      Table metrics = run.metrics();
      int last = metrics.rowCount() - 1;
      long steps = last < 0 ? 0 : metrics.longColumn("step").get(last);
      return new Row(
          name,
          run.model().architecture(),
          run.model().parameterCount(),
          run.data(),
          steps,
          run.training().steps(),
          last < 0 ? 0 : metrics.longColumn("bytes").get(last),
          last < 0 ? 0 : metrics.doubleColumn("seconds").get(last),
          last < 0 ? Double.NaN : metrics.doubleColumn("trainBpb").get(last),
          Run.newest(metrics, "validationBpb"),
          Run.newest(metrics, "validationAccuracy"),
          steps == run.training().steps() ? "complete" : "unfinished",
          when);
    }
  }
}
