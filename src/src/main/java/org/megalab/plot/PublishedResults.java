package org.megalab.plot;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;
import tech.tablesaw.api.ColumnType;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;
import tech.tablesaw.io.csv.CsvReadOptions;
import tech.tablesaw.selection.Selection;

/**
 * The numbers of the papers MEGABYTE (Yu et al. 2023), MEGALODON (Ma et al. 2024) and MEGA (Ma et
 * al. 2023), one a row, to stand in figures beside one's own:
 *
 * <pre>{@code
 * PublishedResults.all().task("PG-19 test").metric("word perplexity").list().forEach(bars::published)
 * }</pre>
 *
 * <p>They come from models of up to 13 billion parameters and up to trillions of tokens, and say
 * nothing about what a small model should reach. What a paper only draws or does not report has a
 * row without a value; its {@link PublishedResult.Status} says which.
 */
public final class PublishedResults {

  private static final String RESOURCE = "published-results.csv";
  private static final ColumnType TEXT = ColumnType.STRING;
  private static final ColumnType[] TYPES = {
    TEXT, TEXT, TEXT, TEXT, TEXT, TEXT, ColumnType.DOUBLE, TEXT, TEXT
  };

  private final Table table;

  private PublishedResults(Table table) {
    this.table = table;
  }

  /** All of them. */
  public static PublishedResults all() {
    try (InputStream csv = PublishedResults.class.getResourceAsStream(RESOURCE)) {
      if (csv == null) {
        throw new IllegalStateException(RESOURCE + " is missing beside the classes; build again");
      }
      CsvReadOptions options =
          CsvReadOptions.builder(csv)
              .tableName("published results")
              .columnTypes(TYPES)
              .missingValueIndicator("")
              .build();
      return new PublishedResults(Table.read().usingOptions(options));
    } catch (IOException e) {
      throw new UncheckedIOException(RESOURCE + " cannot be read: " + e, e);
    }
  }

  /** Those of papers: MEGABYTE, MEGALODON, MEGA. */
  public PublishedResults paper(String... papers) {
    return where("paper", papers);
  }

  /** Those of tasks, such as {@code PG-19 test}. */
  public PublishedResults task(String... tasks) {
    return where("task", tasks);
  }

  /** Those of models, such as {@code MEGALODON}. */
  public PublishedResults model(String... models) {
    return where("model", models);
  }

  /** Those of a measure, such as {@code bits per byte} or {@code word perplexity}. */
  public PublishedResults metric(String... metrics) {
    return where("metric", metrics);
  }

  /**
   * Those whose text in a column is one of some.
   *
   * @throws IllegalArgumentException if there is no such column of texts, or none of these numbers
   *     has such a text in it, naming those that are there
   */
  public PublishedResults where(String column, String... texts) {
    if (!table.containsColumn(column) || !(table.column(column) instanceof StringColumn values)) {
      throw new IllegalArgumentException(
          "published results have no column of texts '%s'; they have %s"
              .formatted(column, table.columnNames()));
    }
    TreeSet<String> known = new TreeSet<>(values.asSet());
    for (String text : texts) {
      if (!known.contains(text)) {
        throw new IllegalArgumentException(
            "no result has '%s' as its %s; there are %s".formatted(text, column, known));
      }
    }
    Selection chosen = values.isIn(Arrays.asList(texts));
    return new PublishedResults(table.where(chosen));
  }

  /** The rows as a table of their own. */
  public Table table() {
    return table.copy();
  }

  /** The rows. */
  public List<PublishedResult> list() {
    return IntStream.range(0, table.rowCount()).mapToObj(this::result).toList();
  }

  private PublishedResult result(int row) {
    return new PublishedResult(
        text(row, "paper"),
        text(row, "table"),
        text(row, "task"),
        text(row, "model"),
        text(row, "parameters"),
        text(row, "metric"),
        table.doubleColumn("value").getDouble(row),
        text(row, "conditions"),
        PublishedResult.Status.of(text(row, "status")));
  }

  private String text(int row, String column) {
    return table.stringColumn(column).get(row);
  }

  /**
   * The only number there is.
   *
   * @throws IllegalStateException if there are several
   */
  public double value() {
    if (table.rowCount() != 1) {
      throw new IllegalStateException(
          "%d results are left where one is wanted; filter them further:%n%s"
              .formatted(table.rowCount(), table.first(10)));
    }
    return table.doubleColumn("value").getDouble(0);
  }
}
