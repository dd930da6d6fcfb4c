package org.megalab.bench;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.megalab.json.ConfigException;
import org.megalab.json.RecordJson;
import org.megalab.train.EnvironmentRecord;
import tech.tablesaw.api.ColumnType;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;
import tech.tablesaw.columns.Column;

/**
 * The figures of a benchmark with all that they depend on, as JSON text and back.
 *
 * @param benchmark its name
 * @param command the command line that asked for it
 * @param environment the machine and the software
 * @param models the configurations by name
 * @param settings how it was measured
 * @param legend what the columns do not tell of themselves
 * @param table the figures
 */
public record BenchmarkReport(
    String benchmark,
    List<String> command,
    JsonObject environment,
    JsonObject models,
    JsonObject settings,
    String legend,
    Table table) {

  /** Copies the list. */
  public BenchmarkReport {
    command = List.copyOf(command);
  }

  /**
   * Runs a benchmark.
   *
   * @param command what asked for it, for the record
   */
  public static BenchmarkReport of(
      Benchmark benchmark, List<String> command, BenchmarkProgress progress) {
    JsonObject models = new JsonObject();
    benchmark.models().forEach(model -> models.add(model.name(), model.config().toTree()));
    JsonObject environment = EnvironmentRecord.of(benchmark.device());
    environment.addProperty("gpu", Gpu.describe(benchmark.device()));
    return new BenchmarkReport(
        benchmark.name(),
        command,
        environment,
        models,
        RecordJson.tree(benchmark.settings()),
        benchmark.legend(),
        benchmark.run(progress));
  }

  /** Returns the JSON text; a figure that is not known has no key. */
  public String toJson() {
    JsonObject object = new JsonObject();
    object.addProperty("benchmark", benchmark);
    JsonArray words = new JsonArray();
    command.forEach(words::add);
    object.add("command", words);
    object.add("environment", environment);
    object.add("models", models);
    object.add("settings", settings);
    object.addProperty("legend", legend);
    JsonObject columns = new JsonObject();
    table.columns().forEach(column -> columns.addProperty(column.name(), column.type().name()));
    object.add("columns", columns);
    JsonArray rows = new JsonArray();
    for (int i = 0; i < table.rowCount(); i++) {
      JsonObject row = new JsonObject();
      for (Column<?> column : table.columns()) {
        row.add(column.name(), cell(column, i));
      }
      rows.add(row);
    }
    object.add("rows", rows);
    return RecordJson.format(object);
  }

  private static JsonElement cell(Column<?> column, int row) {
    if (column instanceof StringColumn texts) {
      return new JsonPrimitive(texts.get(row));
    }
    return column.get(row) instanceof Number number && Double.isFinite(number.doubleValue())
        ? new JsonPrimitive(number)
        : JsonNull.INSTANCE; // which is not written
  }

  /** Writes the JSON text to a file. */
  public void write(Path file) throws IOException {
    Files.writeString(file, toJson() + "\n");
  }

  /**
   * Reads what {@link #toJson} wrote.
   *
   * @throws ConfigException if it is no report
   */
  public static BenchmarkReport fromJson(String json) {
    JsonObject object = RecordJson.parse(json);
    for (String key :
        List.of("benchmark", "command", "environment", "models", "settings", "legend", "columns")) {
      ConfigException.check(object.has(key), "a report of a benchmark has a key \"%s\"", key);
    }
    Table table = Table.create(object.get("benchmark").getAsString());
    object
        .getAsJsonObject("columns")
        .asMap()
        .forEach(
            (name, type) -> table.addColumns(ColumnType.valueOf(type.getAsString()).create(name)));
    for (JsonElement row : object.getAsJsonArray("rows")) {
      for (Column<?> column : table.columns()) {
        JsonElement value = row.getAsJsonObject().get(column.name());
        if (value == null) { // what is not known has no key
          column.appendMissing();
        } else {
          column.appendCell(value.getAsString());
        }
      }
    }
    return new BenchmarkReport(
        table.name(),
        object.getAsJsonArray("command").asList().stream().map(JsonElement::getAsString).toList(),
        object.getAsJsonObject("environment"),
        object.getAsJsonObject("models"),
        object.getAsJsonObject("settings"),
        object.get("legend").getAsString(),
        table);
  }

  /** Returns what went wrong, one text a row that has no figures for it. */
  public List<String> errors() {
    return table.containsColumn("error")
        ? table.stringColumn("error").asList().stream().filter(e -> !e.isEmpty()).toList()
        : List.of();
  }

  /** Returns a table without the columns in which nothing is known. */
  public static Table known(Table table) {
    return Table.create(
        table.name(), table.columns().stream().filter(BenchmarkReport::isKnown).toList());
  }

  private static boolean isKnown(Column<?> column) {
    return column instanceof StringColumn texts
        ? !texts.asList().stream().allMatch(String::isEmpty)
        : column.countMissing() < column.size();
  }

  /** Returns what is known for reading, and the legend. */
  public String text() {
    Table shown = Table.create(benchmark);
    for (Column<?> column : known(table).columns()) {
      StringColumn texts = StringColumn.create(column.name());
      for (int i = 0; i < column.size(); i++) {
        texts.append(column.get(i) instanceof Double d ? number(d) : column.getString(i));
      }
      shown.addColumns(texts);
    }
    return shown.printAll() + System.lineSeparator() + legend;
  }

  private static String number(double value) {
    double size = Math.abs(value);
    String format = size >= 1000 ? "%,.0f" : size >= 100 ? "%.1f" : size >= 1 ? "%.3f" : "%.3g";
    return Double.isNaN(value) ? "" : String.format(Locale.ROOT, format, value);
  }
}
