package org.megalab.notebook;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Collects a notebook's outputs from the messages of its cells, as a front end would show them. */
final class CellOutputs {
  /** Displays of the whole notebook by their id: a later cell may update an earlier one's. */
  private final Map<String, List<JsonObject>> displays = new HashMap<>();

  private final List<JsonObject> outputs = new ArrayList<>();
  private boolean clearBeforeNext;

  /** Begins the next cell. */
  void begin() {
    outputs.clear();
    clearBeforeNext = false;
  }

  /** The outputs of the current cell in the form of the file. */
  JsonArray toJson() {
    JsonArray array = new JsonArray();
    outputs.forEach(array::add);
    return array;
  }

  void accept(KernelMessage message) {
    switch (message.type()) {
      case "stream" -> stream(message);
      case "display_data", "execute_result" -> data(message);
      case "update_display_data" -> update(message.content());
      case "error" -> add(output("error", message.content(), "ename", "evalue", "traceback"));
      case "clear_output" -> clear(message.content());
      default -> {} // execute_input, status: nothing to show
    }
  }

  private static JsonObject output(String type, JsonObject content, String... fields) {
    JsonObject output = new JsonObject();
    output.addProperty("output_type", type);
    for (String field : fields) {
      if (content.has(field)) {
        output.add(field, content.get(field).deepCopy());
      }
    }
    return output;
  }

  private void add(JsonObject output) {
    if (clearBeforeNext) {
      begin();
    }
    outputs.add(output);
  }

  private void clear(JsonObject content) {
    if (content.has("wait") && content.get("wait").getAsBoolean()) {
      clearBeforeNext = true;
    } else {
      begin();
    }
  }

  private void stream(KernelMessage message) {
    String text = message.text("text");
    JsonObject last = outputs.isEmpty() ? null : outputs.get(outputs.size() - 1);
    if (last != null
        && !clearBeforeNext
        && last.has("name")
        && last.get("name").getAsString().equals(message.text("name"))) {
      last.add("text", Notebook.lines(Notebook.text(last.get("text")) + text));
    } else {
      JsonObject output = output("stream", message.content(), "name");
      output.add("text", Notebook.lines(text));
      add(output);
    }
  }

  private void data(KernelMessage message) {
    JsonObject content = message.content();
    JsonObject output = output(message.type(), content, "execution_count", "metadata");
    output.add("data", split(content.getAsJsonObject("data")));
    add(output);
    String id = displayId(content);
    if (!id.isEmpty()) {
      displays.computeIfAbsent(id, key -> new ArrayList<>()).add(output);
    }
  }

  private void update(JsonObject content) {
    for (JsonObject output : displays.getOrDefault(displayId(content), List.of())) {
      output.add("data", split(content.getAsJsonObject("data")));
      output.add("metadata", content.get("metadata").deepCopy());
    }
  }

  private static String displayId(JsonObject content) {
    JsonElement fleeting = content.get("transient");
    return fleeting != null
            && fleeting.isJsonObject()
            && fleeting.getAsJsonObject().has("display_id")
        ? fleeting.getAsJsonObject().get("display_id").getAsString()
        : "";
  }

  /** Texts become lists of lines; pictures and JSON stay. */
  private static JsonObject split(JsonObject data) {
    JsonObject split = new JsonObject();
    data.asMap()
        .forEach(
            (mime, value) -> {
              boolean text =
                  mime.startsWith("text/")
                      || mime.equals("application/javascript")
                      || mime.equals("image/svg+xml");
              boolean string = value.isJsonPrimitive() && value.getAsJsonPrimitive().isString();
              split.add(
                  mime, text && string ? Notebook.lines(value.getAsString()) : value.deepCopy());
            });
    return split;
  }
}
