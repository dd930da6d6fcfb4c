package org.megalab.notebook;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * What a whole run leaves in a notebook's metadata: digests of the code cells' sources and of the
 * outputs that came of them. Who edits a cell afterwards without running the notebook again has a
 * notebook whose stamp is another than {@link #of} computes.
 *
 * @param sources SHA-256 of the sources
 * @param outputs SHA-256 of the outputs
 */
public record ExecutionStamp(String sources, String outputs) {
  private static final String FIELD = "megalab";

  /** The stamp that belongs to a notebook's present sources and outputs. */
  public static ExecutionStamp of(Notebook notebook) {
    JsonArray sources = new JsonArray();
    JsonArray outputs = new JsonArray();
    for (Notebook.CodeCell cell : notebook.codeCells()) {
      sources.add(cell.source());
      outputs.add(cell.outputs());
    }
    return new ExecutionStamp(digest(sources), digest(outputs));
  }

  /** The stamp in a notebook's metadata; null if it has none. */
  public static @Nullable ExecutionStamp read(Notebook notebook) {
    JsonElement stamp = notebook.metadata().get(FIELD);
    if (stamp == null || !stamp.isJsonObject()) {
      return null;
    }
    JsonObject fields = stamp.getAsJsonObject();
    return new ExecutionStamp(text(fields, "sources"), text(fields, "outputs"));
  }

  /** Removes a stamp: the outputs are about to change. */
  static void remove(Notebook notebook) {
    notebook.metadata().remove(FIELD);
  }

  /**
   * Stamps a notebook that ran to its end, and notes the kernel's language as Jupyter does.
   *
   * @param kernel the content of a {@code kernel_info_reply}
   */
  static void write(Notebook notebook, JsonObject kernel) {
    ExecutionStamp stamp = of(notebook);
    JsonObject fields = new JsonObject();
    fields.addProperty("sources", stamp.sources());
    fields.addProperty("outputs", stamp.outputs());
    fields.addProperty(
        "kernel", text(kernel, "implementation") + " " + text(kernel, "implementation_version"));
    notebook.metadata().add(FIELD, fields);
    if (kernel.has("language_info")) {
      notebook.metadata().add("language_info", kernel.get("language_info").deepCopy());
    }
  }

  private static String text(JsonObject object, String field) {
    return object.has(field) ? Notebook.text(object.get(field)) : "";
  }

  private static String digest(JsonArray content) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      byte[] bytes = NotebookJson.write(content).getBytes(StandardCharsets.UTF_8);
      return HexFormat.of().formatHex(sha256.digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("This Java has no SHA-256", e);
    }
  }
}
