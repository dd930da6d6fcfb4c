package org.megalab.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.megalab.notebook.KernelClient;
import org.megalab.notebook.KernelMessage;

/** Drives a real kernel process over its sockets. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(60)
class KernelTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private KernelClient kernel;

  @BeforeAll
  void start(@TempDir Path folder) throws Exception {
    kernel = KernelClient.start(KernelSpec::command, folder, Map.of());
  }

  @AfterAll
  void stop() {
    kernel.close();
  }

  /** What one cell gave. */
  private record Ran(KernelMessage reply, List<KernelMessage> published) {
    String stdout() {
      return stream("stdout");
    }

    String stream(String name) {
      StringBuilder text = new StringBuilder();
      published.stream()
          .filter(m -> m.type().equals("stream") && m.text("name").equals(name))
          .forEach(m -> text.append(m.text("text")));
      return text.toString();
    }

    String result() {
      return published.stream()
          .filter(m -> m.type().equals("execute_result"))
          .map(m -> m.content().getAsJsonObject("data").get("text/plain").getAsString())
          .findFirst()
          .orElse("");
    }

    String status() {
      return reply.text("status");
    }

    String traceback() {
      List<String> lines = new ArrayList<>();
      JsonArray traceback = reply.content().getAsJsonArray("traceback");
      traceback.forEach(line -> lines.add(line.getAsString().replaceAll("\u001b\\[[0-9;]*m", "")));
      return String.join("\n", lines);
    }
  }

  private Ran run(String code) throws IOException, InterruptedException, TimeoutException {
    return await(kernel.sendExecute(code, true));
  }

  private Ran await(String id) throws IOException, InterruptedException, TimeoutException {
    List<KernelMessage> published = new ArrayList<>();
    return new Ran(kernel.await(id, LIMIT, published::add), published);
  }

  @Test
  void lastExpressionIsTheResultUnlessItEndsInASemicolon() throws Exception {
    assertThat(run("int a = 20;\na * 2 + 2").result()).isEqualTo("42");
    assertThat(run("a * 2;").result()).isEmpty();
    assertThat(run("var noResult = display(\"shown\");").result()).isEmpty();
    assertThat(run("display(\"shown\")").result()).isEmpty();
  }

  @Test
  void printedTextArrivesInOrderAndWhole() throws Exception {
    Ran ran =
        run(
            "System.out.print(\"é€😀\"); System.err.print(\"err\");\n"
                + "for (byte b : \"ü\".getBytes(\"UTF-8\")) { System.out.write(b); System.out.flush(); }");
    assertThat(ran.stdout()).isEqualTo("é€😀ü");
    assertThat(ran.stream("stderr")).isEqualTo("err");
  }

  @Test
  void manyLinesBecomeFewMessages() throws Exception {
    Ran ran = run("for (int i = 0; i < 50_000; i++) System.out.println(i);");
    assertThat(ran.stdout().lines()).hasSize(50_000);
    assertThat(ran.stdout()).endsWith("49999\n");
    assertThat(ran.published().stream().filter(m -> m.type().equals("stream")).count())
        .isLessThan(200);
  }

  @Test
  void exceptionIsReportedWithItsClassMessageCausesAndLine() throws Exception {
    run("class NoGood extends RuntimeException { NoGood(String m, Throwable c) { super(m, c); } }");
    Ran ran =
        run(
            "int before = 1;\n"
                + "// here\n/* and\n here */ throw new NoGood(\"bad luck\", new java.io.IOException(\"disk full\"));");
    assertThat(ran.status()).isEqualTo("error");
    assertThat(ran.reply().text("ename")).isEqualTo("NoGood");
    assertThat(ran.reply().text("evalue")).isEqualTo("bad luck");
    assertThat(ran.traceback())
        .contains("line 4", "throw new NoGood", "Caused by: java.io.IOException: disk full")
        .doesNotContain("REPL", "jdk.jshell");
    assertThat(run("before").result()).isEqualTo("1");
  }

  @Test
  void compileErrorShowsTheCellsLineAndACaret() throws Exception {
    Ran ran = run("int fine = 1;\n\n  int wrong = \"text\";\n");
    assertThat(ran.reply().text("ename")).isEqualTo("CompileError");
    assertThat(ran.reply().text("evalue")).contains("incompatible types");
    assertThat(ran.traceback()).contains("line 3\n  int wrong = \"text\";\n              ^^^^^^\n");
  }

  @Test
  void compileErrorAfterAMagicKeepsTheLineNumber() throws Exception {
    Ran ran = run("// a comment\n%classpath .\nString s = undefinedName;");
    assertThat(ran.traceback()).contains("line 3\nString s = undefinedName;\n           ^^^^");
  }

  @Test
  void incompleteCellIsACompileError() throws Exception {
    assertThat(run("for (int i = 0; i < 3; i++) {").reply().text("ename"))
        .isEqualTo("CompileError");
  }

  @Test
  void cellsQueuedBehindAFailureAreAborted() throws Exception {
    String failing = kernel.sendExecute("int neverTwice = 1; throw new RuntimeException();", true);
    String second = kernel.sendExecute("int mustNotRun = 1;", true);
    String third = kernel.sendExecute("System.out.println(\"no\");", true);
    assertThat(await(failing).status()).isEqualTo("error");
    assertThat(await(second).status()).isEqualTo("aborted");
    assertThat(await(third).status()).isEqualTo("aborted");
    assertThat(run("mustNotRun").reply().text("ename")).isEqualTo("CompileError");
  }

  @Test
  void cellsQueuedBehindATolerantFailureRun() throws Exception {
    String failing = kernel.sendExecute("throw new RuntimeException();", false);
    String second = kernel.sendExecute("1 + 1", true);
    assertThat(await(failing).status()).isEqualTo("error");
    assertThat(await(second).result()).isEqualTo("2");
  }

  private Ran interruptAfterFirstOutput(String code) throws Exception {
    String id = kernel.sendExecute(code, true);
    List<KernelMessage> published = new ArrayList<>();
    long[] asked = {0};
    KernelMessage reply =
        kernel.await(
            id,
            LIMIT,
            message -> {
              published.add(message);
              if (message.type().equals("stream") && asked[0] == 0) {
                asked[0] = System.nanoTime();
                kernel.interrupt();
              }
            });
    assertThat(Duration.ofNanos(System.nanoTime() - asked[0])).isLessThan(Duration.ofSeconds(2));
    return new Ran(reply, published);
  }

  @Test
  void busyLoopEndsWithinTwoSecondsAndVariablesStay() throws Exception {
    run("long spins = 0; var kept = new java.util.ArrayList<>(List.of(7));");
    Ran ran = interruptAfterFirstOutput("System.out.println(\"go\");\nwhile (true) { spins++; }");
    assertThat(ran.reply().text("ename")).isEqualTo("Interrupted");
    assertThat(run("spins > 1000").result()).isEqualTo("true");
    assertThat(run("kept").result()).isEqualTo("[7]");
    long first = Long.parseLong(run("spins").result());
    assertThat(run("spins").result()).isEqualTo(String.valueOf(first));
  }

  @Test
  void printingLoopEndsAndLeavesNothingForTheNextCell() throws Exception {
    interruptAfterFirstOutput("while (true) { System.out.println(\"noise\"); }");
    assertThat(run("System.out.println(\"quiet\");").stdout()).isEqualTo("quiet\n");
  }

  @Test
  void sleepEndsAtOnce() throws Exception {
    Ran ran = interruptAfterFirstOutput("System.out.println(\"go\");\nThread.sleep(60_000);");
    assertThat(ran.reply().text("ename")).isEqualTo("Interrupted");
    assertThat(ran.traceback()).contains("InterruptedException");
  }

  @Test
  void cellThatEndsNormallyAfterAnInterruptIsInterruptedYetKeepsVariables() throws Exception {
    Ran ran =
        interruptAfterFirstOutput(
            "int polled = 0;\nSystem.out.println(\"go\");\n"
                + "while (!Thread.currentThread().isInterrupted()) { polled = 5; }\nint later = 1;");
    assertThat(ran.status()).isEqualTo("error");
    assertThat(ran.reply().text("ename")).isEqualTo("Interrupted");
    assertThat(run("polled").result()).isEqualTo("5");
    assertThat(run("Thread.currentThread().isInterrupted()").result()).isEqualTo("false");
  }

  @Test
  void interruptOfAnIdleKernelDoesNothing() throws Exception {
    kernel.interrupt();
    assertThat(run("Thread.sleep(50);\n\"still here\"").result()).isEqualTo("still here");
  }

  @Test
  void lateOutputStaysWithTheCellThatStartedIt() throws Exception {
    String first =
        kernel.sendExecute(
            "new Thread(() -> { try { Thread.sleep(400); } catch (InterruptedException e) {}"
                + " System.out.println(\"late\"); }).start();",
            true);
    await(first);
    assertThat(run("Thread.sleep(800);").stdout()).isEmpty();
  }

  @Test
  void stackOverflowInUserCodeAndInTheCompilerAreAnswered() throws Exception {
    Ran user = run("int down(int n) { return down(n + 1) + 1; }\ndown(0)");
    assertThat(user.reply().text("ename")).isEqualTo("java.lang.StackOverflowError");
    String deep = "1" + "+(1".repeat(60_000) + ")".repeat(60_000);
    Ran compiler = run("int deep = " + deep + ";");
    assertThat(compiler.reply().text("ename")).isEqualTo("java.lang.StackOverflowError");
    assertThat(run("1 + 1").result()).isEqualTo("2");
  }

  @Test
  void outOfMemoryIsAnswered() throws Exception {
    Ran ran =
        run(
            "long[][] hog = new long[1000][]; for (int i = 0; i < 1000; i++) hog[i] = new long[Integer.MAX_VALUE - 8];");
    assertThat(ran.reply().text("ename")).isEqualTo("java.lang.OutOfMemoryError");
    run("hog = null;");
    assertThat(run("1 + 1").result()).isEqualTo("2");
  }

  @Test
  void variablesSurviveImportsAndRedeclarations() throws Exception {
    run("class Box { int v = 1; }\nint helper(int x) { return x; }");
    run(
        "var list = new ArrayList<String>(List.of(\"a\"));\nBox box = new Box();\nint n = helper(3);");
    run("var typed = list.stream().map(String::length).toList();");
    run("import java.time.*;\nimport java.util.concurrent.atomic.*;");
    run("int helper(int x) { return x + 1; }");
    run("var list2 = list;\nint n2 = n;");
    assertThat(run("list + \" \" + n + \" \" + typed + \" \" + box.v").result())
        .isEqualTo("[a] 3 [1] 1");
    Ran redeclared = run("class Box { int v = 2; }");
    assertThat(redeclared.stream("stderr")).contains("box");
    assertThat(run("list + \" \" + n").result()).isEqualTo("[a] 3");
    run("String n = \"now text\";");
    assertThat(run("n").result()).isEqualTo("now text");
  }

  @Test
  void resultsAreNotKeptAlive() throws Exception {
    run("var ref = new java.lang.ref.WeakReference<Object>(null);");
    run(
        "Object make() { Object o = new byte[1000]; ref = new java.lang.ref.WeakReference<>(o); return o; }");
    run("make()");
    assertThat(
            run("for (int i = 0; i < 20 && ref.get() != null; i++) { System.gc(); Thread.sleep(20); }\nref.get() == null")
                .result())
        .isEqualTo("true");
  }

  @Test
  void notebookFunctionsAreInScope() throws Exception {
    Ran ran = run("String id = display(\"one\", \"text/plain\");\nupdateDisplay(id, \"two\");");
    List<String> types = ran.published().stream().map(KernelMessage::type).toList();
    assertThat(types).containsSubsequence("display_data", "update_display_data");
    assertThat(run("eval(\"6 * 7\")").result()).isEqualTo("42");
    assertThat(run("getKernelInstance().evalRaw(\"id\").equals(id)").result()).isEqualTo("true");
    assertThat(run("render(3).getDisplayId() == null").result()).isEqualTo("true");
  }

  @Test
  void magicsAreCalledWithTheirArguments() throws Exception {
    run(
        "getKernelInstance().getMagics().registerLineMagic(\"echo\", args -> { System.out.println(args); return args.size(); });\n"
            + "getKernelInstance().getMagics().registerCellMagic(\"body\", (args, body) -> { System.out.println(args + \"|\" + body + \"|\"); return 1; });");
    assertThat(run("%echo a 'b c'").stdout()).isEqualTo("[a, b c]\n");
    Ran assigned = run("var r = %echo x \"y\\\"z\"\nr");
    assertThat(assigned.stdout()).isEqualTo("[x, y\"z]\n");
    assertThat(assigned.result()).isEqualTo("2");
    assertThat(run("%%body k=v\nline 1\n  %d\n").stdout()).isEqualTo("[k=v]|line 1\n  %d\n|\n");
    assertThat(run("// why\n%%body").stdout()).isEqualTo("[]||\n");
    assertThat(run("for (int i = 0; i < 2; i++) {\n  %echo in\n}").stdout())
        .isEqualTo("[in]\n[in]\n");
    assertThat(run("String t = \"\"\"\n    %d\n    %echo x\n    \"\"\";\nt").result())
        .isEqualTo("%d\n%echo x\n");
    Ran unknown = run("%nosuch");
    assertThat(unknown.reply().text("evalue")).contains("%nosuch", "%echo");
  }

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

  @Test
  void displayedValuesAndPrintedTextKeepTheirOrder() throws Exception {
    Ran ran = run("System.out.print(\"a\"); display(\"b\"); System.out.print(\"c\");");
    Predicate<KernelMessage> output =
        m -> m.type().equals("stream") || m.type().equals("display_data");
    assertThat(ran.published().stream().filter(output).map(KernelMessage::type))
        .containsExactly("stream", "display_data", "stream");
  }

  @Test
  void kernelEndsOnShutdownAndStartsAgain(@TempDir Path folder) throws Exception {
    try (KernelClient other = KernelClient.start(KernelSpec::command, folder, Map.of())) {
      other.sendExecute("while (true) {}", true);
      TimeUnit.MILLISECONDS.sleep(500);
      assertThat(other.shutdown(true, Duration.ofSeconds(5))).isTrue();
    }
    try (KernelClient again = KernelClient.start(KernelSpec::command, folder, Map.of())) {
      assertThat(again.execute("1", LIMIT, m -> {}).text("execution_count")).isEqualTo("1");
    }
  }

  @Test
  void environmentVariablesAreHonoured(@TempDir Path folder) throws Exception {
    Path script = folder.resolve("start.jshell");
    java.nio.file.Files.writeString(script, "int fromFile = 5;");
    Map<String, String> environment =
        Map.of(
            "IJAVA_STARTUP_SCRIPT", "int fromScript = fromFile + 1;",
            "IJAVA_STARTUP_SCRIPTS_PATH", script.toString(),
            "IJAVA_COMPILER_OPTS", "-Xlint:all -parameters",
            "IJAVA_CLASSPATH", folder.toString(),
            "IJAVA_TIMEOUT", "500");
    try (KernelClient other = KernelClient.start(KernelSpec::command, folder, environment)) {
      List<KernelMessage> published = new ArrayList<>();
      other.execute("fromScript", LIMIT, published::add);
      assertThat(published.toString()).contains("\"6\"");
      KernelMessage reply = other.execute("while (true) {}", LIMIT, m -> {});
      assertThat(reply.text("ename")).isEqualTo("Interrupted");
    }
  }
}
