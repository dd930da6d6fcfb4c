package org.megalab.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.megalab.notebook.KernelMessage;

/** What an editor asks a kernel: completion, inspection, completeness, history. */
class KernelEditingTest extends KernelFixture {
  private JsonObject at(String code, int cursor) {
    JsonObject content = new JsonObject();
    content.addProperty("code", code);
    content.addProperty("cursor_pos", cursor);
    content.addProperty("detail_level", 0);
    return content;
  }

  private List<String> complete(String code) throws Exception {
    KernelMessage reply =
        kernel.request("complete_request", at(code, code.codePointCount(0, code.length())), LIMIT);
    assertThat(reply.text("status")).isEqualTo("ok");
    return StreamSupport.stream(reply.content().getAsJsonArray("matches").spliterator(), false)
        .map(JsonElement::getAsString)
        .toList();
  }

  @Test
  void completesMembersVariablesImportsAndMagics() throws Exception {
    run("String someLongName = \"abc\";");
    assertThat(complete("someLongName.toUpp")).contains("toUpperCase(");
    assertThat(complete("int k = 1;\nsomeLon")).contains("someLongName");
    assertThat(complete("import java.util.concurr")).contains("concurrent.");
    assertThat(complete("var inCell = new ArrayList<String>();\ninCell.addA")).contains("addAll(");
    assertThat(complete("%classp")).containsExactly("%classpath");
    KernelMessage reply =
        kernel.request("complete_request", at("/* 😀 */ someLongName.toUpp", 26), LIMIT);
    assertThat(reply.content().get("cursor_start").getAsInt()).isEqualTo(21);
    assertThat(reply.content().get("cursor_end").getAsInt()).isEqualTo(26);
  }

  @Test
  void inspectsMethodsAndVariables() throws Exception {
    run("String inspected = \"abc\";");
    KernelMessage method =
        kernel.request("inspect_request", at("inspected.substring(1)", 14), LIMIT);
    assertThat(method.content().get("found").getAsBoolean()).isTrue();
    assertThat(method.content().toString()).contains("substring(int beginIndex)");
    KernelMessage variable = kernel.request("inspect_request", at("inspected", 4), LIMIT);
    assertThat(variable.content().toString()).contains("String");
    KernelMessage nothing = kernel.request("inspect_request", at("nowhere", 4), LIMIT);
    assertThat(nothing.content().get("found").getAsBoolean()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "'int x = 1;', complete",
    "'1 + 1', complete",
    "'%classpath .', complete",
    "'for (int i = 0; i < 3; i++) {', incomplete",
    "'class A {', incomplete",
    "'}', invalid"
  })
  void tellsWhetherCodeIsComplete(String code, String status) throws Exception {
    JsonObject content = new JsonObject();
    content.addProperty("code", code);
    assertThat(kernel.request("is_complete_request", content, LIMIT).text("status"))
        .isEqualTo(status);
  }

  @Test
  void historyIsAnswered() throws Exception {
    run("int remembered = 1;");
    JsonObject tail = new JsonObject();
    tail.addProperty("hist_access_type", "tail");
    tail.addProperty("n", 1);
    tail.addProperty("output", false);
    tail.addProperty("raw", true);
    JsonArray history =
        kernel.request("history_request", tail, LIMIT).content().getAsJsonArray("history");
    assertThat(history).hasSize(1);
    assertThat(history.get(0).getAsJsonArray().get(2).getAsString())
        .isEqualTo("int remembered = 1;");
    JsonObject search = tail.deepCopy();
    search.addProperty("hist_access_type", "search");
    search.addProperty("pattern", "*remembered*");
    assertThat(kernel.request("history_request", search, LIMIT).content().getAsJsonArray("history"))
        .isNotEmpty();
  }
}
