package org.megalab.notebook;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes JSON byte for byte as Jupyter does: one space of indentation, sorted keys, everything but
 * quotes, backslashes and control characters unescaped, a newline at the end. Numbers keep the
 * digits they were read with.
 */
final class NotebookJson {
  private final StringBuilder out = new StringBuilder();

  private NotebookJson() {}

  static String write(JsonElement root) {
    NotebookJson writer = new NotebookJson();
    writer.element(root, 0);
    return writer.out.append('\n').toString();
  }

  private void element(JsonElement element, int depth) {
    if (element instanceof JsonObject object) {
      object(object, depth);
    } else if (element instanceof JsonArray array) {
      array(array, depth);
    } else if (element instanceof JsonPrimitive primitive && primitive.isString()) {
      string(primitive.getAsString());
    } else {
      out.append(element.isJsonNull() ? "null" : element.getAsString());
    }
  }

  private void object(JsonObject object, int depth) {
    Map<String, JsonElement> sorted = new TreeMap<>(object.asMap());
    if (sorted.isEmpty()) {
      out.append("{}");
      return;
    }
    out.append('{');
    Iterator<Map.Entry<String, JsonElement>> fields = sorted.entrySet().iterator();
    while (fields.hasNext()) {
      Map.Entry<String, JsonElement> field = fields.next();
      line(depth + 1);
      string(field.getKey());
      out.append(": ");
      element(field.getValue(), depth + 1);
      out.append(fields.hasNext() ? "," : "");
    }
    line(depth);
    out.append('}');
  }

  private void array(JsonArray array, int depth) {
    if (array.isEmpty()) {
      out.append("[]");
      return;
    }
    out.append('[');
    Iterator<JsonElement> elements = array.iterator();
    while (elements.hasNext()) {
      line(depth + 1);
      element(elements.next(), depth + 1);
      out.append(elements.hasNext() ? "," : "");
    }
    line(depth);
    out.append(']');
  }

  private void line(int depth) {
    out.append('\n').append(" ".repeat(depth));
  }

  private void string(String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        default -> out.append(c < ' ' ? "\\u%04x".formatted((int) c) : String.valueOf(c));
      }
    }
    out.append('"');
  }
}
