package org.megalab.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.megalab.notebook.KernelClient;
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

  private String inspect(String code, String upTo) throws Exception {
    KernelMessage reply =
        kernel.request("inspect_request", at(code, code.indexOf(upTo) + upTo.length()), LIMIT);
    JsonObject data = reply.content().getAsJsonObject("data");
    return data == null || !data.has("text/plain") ? "" : data.get("text/plain").getAsString();
  }

  @Test
  void completesClassesInImportsAndMembersOfTheLibrary() throws Exception {
    assertThat(complete("import java.util.concurrent.Concurrent")).contains("ConcurrentHashMap");
    assertThat(complete("import org.megalab.mod")).contains("model.");
    assertThat(complete("import org.megalab.model.MegabyteConf")).contains("MegabyteConfig");
    assertThat(complete("import static java.lang.Math.hyp")).contains("hypot");
    assertThat(complete("MegabyteConfig.pre")).contains("preset(");
    run("class OwnType { int ownField; int ownMethod() { return 1; } }\nvar own = new OwnType();");
    assertThat(complete("own.own")).contains("ownField", "ownMethod()");
  }

  @Test
  void completesMagicsTheirOptionsValuesVariablesAndFiles() throws Exception {
    assertThat(complete("%%mod")).containsExactly("%%model");
    assertThat(complete("int i = 1;\nvar r = %evalu")).containsExactly("%evaluate");
    assertThat(complete("%train --st")).containsExactly("--steps");
    assertThat(complete("%train --steps 5 --bat")).containsExactly("--batch-size");
    assertThat(complete("%train --steps 5 --step")).isEmpty();
    assertThat(complete("%%model megabyte --pre")).containsExactly("--preset");
    assertThat(complete("%reset --")).containsExactly("--results");
    assertThat(complete("%maven --r")).containsExactly("--repo");
    run("var magicArgument = 1;");
    assertThat(complete("%summary magicArg")).containsExactly("magicArgument");
    run("Files.createDirectories(Path.of(\"some/folder\"));");
    assertThat(complete("%classpath some/f")).containsExactly("some/folder/");
    assertThat(complete("int seven = 7;\nint rest = seven % magicArg")).contains("magicArgument");
    KernelMessage reply = kernel.request("complete_request", at("%train --st", 11), LIMIT);
    assertThat(reply.content().get("cursor_start").getAsInt()).isEqualTo(7);
    assertThat(reply.content().get("cursor_end").getAsInt()).isEqualTo(11);
  }

  @Test
  void completesTheNamesThatMagicsTake() throws Exception {
    assertThat(complete("%help ev")).containsExactly("evaluate");
    assertThat(complete("%study megalodon-n")).containsExactly("megalodon-norm");
    assertThat(complete("%study --seeds 2 megalodon-n")).containsExactly("megalodon-norm");
    assertThat(complete("%study megalodon-norm megalodon-n")).isEmpty(); // it takes one
    assertThat(complete("%dataset enw")).contains("enwik8");
    assertThat(complete("%%model megal")).containsExactly("megalodon");
    assertThat(complete("%%model megalodon --preset ti")).containsExactly("tiny");
    assertThat(complete("%device ")).contains("cpu");
    Path runs = folder.resolve("runs"); // the kernel's own folder
    Files.createDirectories(runs.resolve("first/checkpoints"));
    Files.writeString(runs.resolve("first/config.json"), "{}");
    Files.writeString(runs.resolve("first/metrics.jsonl"), "");
    Files.createDirectories(runs.resolve("mine"));
    Files.writeString(runs.resolve("mine/study.json"), "{}");
    assertThat(complete("%load ru")).contains("runs/first");
    assertThat(complete("%compare runs/first ru")).contains("runs/first");
    assertThat(complete("%train --resume ru")).containsExactly("runs/first");
    assertThat(complete("%study runs/m")).contains("runs/mine");
  }

  @Test
  void inspectsTheLibraryWithItsJavadoc() throws Exception {
    assertThat(inspect("MegabyteConfig", "MegabyteConf"))
        .contains("org.megalab.model.MegabyteConfig", "param patchSize: P, in bytes")
        .doesNotContain("{@", "<p>");
    assertThat(inspect("MegabyteConfig.preset(\"tiny\")", "preset("))
        .contains("preset(String name)", "Returns a preset", "throws ConfigException: ");
    assertThat(inspect("display(1)", "displ")).contains("Shows a value below the cell");
  }

  @Test
  void inspectsWhatCellsDeclareWithItsComment() throws Exception {
    run(
        """
        /** Doubles {@code x}.
         * @param x what is doubled
         */
        int doubled(int x) { return 2 * x; }

        // Holds
        // a thing.
        class Holder {
          /** Grows it. */
          int grow(int by) { return by; }
          /** Grows it twice. */
          int grow(int by, int again) { return by; }
          /** How large it is. */
          int size;
        }

        // The one holder.
        Holder holder = new Holder();
        """);
    assertThat(inspect("doubled(3)", "doubl"))
        .contains("int doubled(int", "Doubles x.", "param x: what is doubled");
    assertThat(inspect("holder.grow(3)", "gro")).contains("Holder.grow(int by)", "Grows it.");
    assertThat(inspect("holder.grow(3, 4)", "gro")).contains("Grows it twice.");
    assertThat(inspect("holder.size", "size")).contains("How large it is.");
    assertThat(inspect("new Holder()", "new Hold")).contains("Holds\na thing.");
    assertThat(inspect("holder", "holder")).contains("The one holder.");
  }

  @Test
  void inspectsTheJdkWithSignaturesAndJavadocWhereItsSourceIs() throws Exception {
    String text = inspect("\"abc\".substring(1)", "substr");
    assertThat(text).contains("String String.substring(int beginIndex)");
    if (Files.isReadable(Path.of(System.getProperty("java.home"), "lib", "src.zip"))) {
      assertThat(text).contains("substring of this string", "throws IndexOutOfBoundsException");
    }
  }

  @Test
  void inspectsMagicsWithTheirHelp() throws Exception {
    assertThat(inspect("%train --steps 5", "%tra")).contains("--steps", "Usage: %train");
    assertThat(inspect("%maven a:b:1", "%mav")).contains("GROUP:ARTIFACT:VERSION", "--repo");
    assertThat(inspect("%%model megabyte\n{}", "%%mod")).contains("--preset");
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
  void magicsAreKnownBeforeTheFirstCell(@TempDir Path folder) throws Exception {
    KernelClient first = kernel;
    try (KernelClient fresh = KernelClient.start(KernelSpec::command, folder, Map.of())) {
      kernel = fresh;
      assertThat(complete("%trai")).containsExactly("%train");
      assertThat(complete("%train --ste")).containsExactly("--steps");
    } finally {
      kernel = first;
    }
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
    int number = run("int second = 2;").reply().content().get("execution_count").getAsInt();
    run("int third = 3;");
    JsonObject range = new JsonObject();
    range.addProperty("hist_access_type", "range");
    range.addProperty("session", 0);
    range.addProperty("start", number);
    range.addProperty("stop", number + 1);
    range.addProperty("output", true);
    range.addProperty("raw", true);
    JsonArray cells =
        kernel.request("history_request", range, LIMIT).content().getAsJsonArray("history");
    assertThat(cells).hasSize(1);
    assertThat(cells.get(0).getAsJsonArray().get(1).getAsInt()).isEqualTo(number);
    assertThat(cells.get(0).getAsJsonArray().get(2).getAsJsonArray().get(0).getAsString())
        .isEqualTo("int second = 2;");
    JsonObject search = tail.deepCopy();
    search.addProperty("hist_access_type", "search");
    search.addProperty("pattern", "*remembered*");
    assertThat(kernel.request("history_request", search, LIMIT).content().getAsJsonArray("history"))
        .isNotEmpty();
  }
}
