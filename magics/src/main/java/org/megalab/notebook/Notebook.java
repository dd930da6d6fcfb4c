package org.megalab.notebook;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/**
 * A notebook file of format 4. Fields that it does not know are kept; a file that Jupyter wrote is
 * written back byte for byte.
 */
public final class Notebook {
  private final JsonObject json;

  private Notebook(JsonObject json) {
    this.json = json;
  }

  /**
   * Reads a notebook.
   *
   * @throws IOException if the file is missing, is no JSON, or is not format 4
   */
  public static Notebook read(Path file) throws IOException {
    try {
      return parse(Files.readString(file));
    } catch (NoSuchFileException e) {
      throw new IOException("There is no file " + file.toAbsolutePath().normalize(), e);
    } catch (IllegalArgumentException e) {
      throw new IOException(file + " is no notebook: " + e.getMessage(), e);
    }
  }

  /**
   * Reads a notebook's text.
   *
   * @throws IllegalArgumentException if it is no notebook of format 4
   */
  public static Notebook parse(String text) {
    JsonElement root;
    try {
      root = JsonParser.parseString(text);
    } catch (JsonParseException e) {
      throw new IllegalArgumentException("it is not JSON (" + e.getMessage() + ")", e);
    }
    if (!root.isJsonObject()
        || !root.getAsJsonObject().has("cells")
        || !root.getAsJsonObject().get("cells").isJsonArray()) {
      throw new IllegalArgumentException("it has no list of cells");
    }
    JsonElement format = root.getAsJsonObject().get("nbformat");
    if (format == null || format.getAsInt() != 4) {
      throw new IllegalArgumentException(
          "its nbformat is %s, but must be 4. Save it with a current Jupyter.".formatted(format));
    }
    root.getAsJsonObject().getAsJsonArray("cells").forEach(Notebook::splitSource);
    return new Notebook(root.getAsJsonObject());
  }

  /** Some tools store a source as one string; Jupyter stores its lines. */
  private static void splitSource(JsonElement cell) {
    JsonElement source = cell.getAsJsonObject().get("source");
    if (source != null && source.isJsonPrimitive()) {
      cell.getAsJsonObject().add("source", lines(source.getAsString()));
    }
  }

  /** An independent copy. */
  public Notebook copy() {
    return new Notebook(json.deepCopy());
  }

  /** The code cells in order; changing one changes the notebook. */
  public List<CodeCell> codeCells() {
    List<CodeCell> cells = new ArrayList<>();
    for (JsonElement cell : json.getAsJsonArray("cells")) {
      JsonElement type = cell.getAsJsonObject().get("cell_type");
      if (type != null && type.getAsString().equals("code")) {
        cells.add(new CodeCell(cell.getAsJsonObject()));
      }
    }
    return cells;
  }

  /** The notebook's own metadata; changing it changes the notebook. */
  JsonObject metadata() {
    JsonElement metadata = json.get("metadata");
    if (metadata == null || !metadata.isJsonObject()) {
      json.add("metadata", new JsonObject());
    }
    return json.getAsJsonObject("metadata");
  }

  /** The number of cells of all kinds. */
  public int cellCount() {
    return json.getAsJsonArray("cells").size();
  }

  /** The notebook's text as Jupyter would write it. */
  public String toJson() {
    return NotebookJson.write(json);
  }

  /** Writes the file; whoever reads it meanwhile sees the old or the new one, never a part. */
  public void write(Path file) throws IOException {
    Path target = Files.isSymbolicLink(file) ? file.toRealPath() : file.toAbsolutePath();
    Path part = target.resolveSibling("." + target.getFileName() + ".part");
    try {
      Files.writeString(part, toJson());
      Files.move(part, target, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(part);
    }
  }

  /** A code cell, backed by its notebook. */
  public static final class CodeCell {
    private final JsonObject cell;

    private CodeCell(JsonObject cell) {
      this.cell = cell;
    }

    /** The cell's text. */
    public String source() {
      return text(cell.get("source"));
    }

    /** The execution count; 0 if the cell was not executed. */
    public int executionCount() {
      JsonElement count = cell.get("execution_count");
      return count == null || count.isJsonNull() ? 0 : count.getAsInt();
    }

    /** The outputs, to be read only. */
    public JsonArray outputs() {
      JsonArray outputs = cell.getAsJsonArray("outputs");
      return outputs == null ? new JsonArray() : outputs;
    }

    /** Removes outputs and execution count. */
    public void clear() {
      cell.add("outputs", new JsonArray());
      cell.add("execution_count", JsonNull.INSTANCE);
    }

    /** Stores what an execution gave. */
    public void record(int executionCount, JsonArray outputs) {
      cell.add("outputs", outputs);
      cell.addProperty("execution_count", executionCount);
    }
  }

  /** Joins the lines that the format splits long texts into. */
  static String text(JsonElement lines) {
    if (lines == null || lines.isJsonNull()) {
      return "";
    }
    if (!lines.isJsonArray()) {
      return lines.getAsString();
    }
    StringBuilder text = new StringBuilder();
    lines.getAsJsonArray().forEach(line -> text.append(line.getAsString()));
    return text.toString();
  }

  /** Splits a text behind its line ends, as the format stores it. */
  static JsonArray lines(String text) {
    JsonArray lines = new JsonArray();
    int start = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean pair = c == '\r' && i + 1 < text.length() && text.charAt(i + 1) == '\n';
      if (!pair && isLineEnd(c)) {
        lines.add(text.substring(start, i + 1));
        start = i + 1;
      }
    }
    if (start < text.length()) {
      lines.add(text.substring(start));
    }
    return lines;
  }

  /** What Python's {@code splitlines} takes for one. */
  private static boolean isLineEnd(char c) {
    return (c >= '\n' && c <= '\r')
        || (c >= '\u001c' && c <= '\u001e')
        || c == '\u0085'
        || c == '\u2028'
        || c == '\u2029';
  }
}
