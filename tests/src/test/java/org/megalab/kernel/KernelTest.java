package org.megalab.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.megalab.notebook.KernelClient;
import org.megalab.notebook.KernelMessage;

/** Cells, errors, output and the life of a kernel, over its sockets. */
class KernelTest extends KernelFixture {
  @Test
  void magicsOfTheKernelAreListedExplainedAndStrictLikeTheOthers() throws Exception {
    assertThat(run("%help maven").stdout()).contains("Usage: %maven", "GROUP:ARTIFACT:VERSION");
    assertThat(run("%help reset").stdout()).contains("Usage: %reset");
    assertThat(run("%lsmagic").published().toString()).contains("%classpath");
    assertThat(run("%reset --result").reply().text("evalue")).contains("did you mean --results?");
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
    Ran ran = // the halves of the last letter are published apart
        run(
            """
            System.out.print("é€😀"); System.err.print("err");
            for (byte b : "ü".getBytes("UTF-8")) {
              System.out.write(b); System.out.flush(); Thread.sleep(150);
            }
            """);
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

  @Test
  void inputThatIsNotAllowedIsAtItsEnd() throws Exception {
    assertThat(run("System.in.read()").result()).isEqualTo("-1");
  }

  @Test
  void classPathMagicMakesClassesUsable(@TempDir Path folder) throws Exception {
    Path source = folder.resolve("Added.java");
    Files.writeString(
        source, "package added; public class Added { public static int value() { return 11; } }");
    int compiled =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, "-d", folder.toString(), source.toString());
    assertThat(compiled).isZero();
    assertThat(run("%classpath '" + folder + "'\nadded.Added.value()").result()).isEqualTo("11");
    assertThat(run("%jars no/such.jar").reply().text("evalue")).contains("no/such.jar");
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void kernelEndsWhenItsParentDies(@TempDir Path folder) throws Exception {
    try (KernelClient other = KernelClient.start(KernelTest::belowAShell, folder, Map.of())) {
      ProcessHandle orphan = other.process().children().findFirst().orElseThrow();
      other.process().destroyForcibly();
      orphan.onExit().get(10, TimeUnit.SECONDS);
      assertThat(orphan.isAlive()).isFalse();
    }
  }

  private static List<String> belowAShell(String connectionFile) {
    List<String> command = new ArrayList<>(List.of("sh", "-c", "\"$0\" \"$@\" & wait"));
    command.addAll(KernelSpec.command(connectionFile));
    return command;
  }

  @Test
  void outputOfBackgroundThreadsGoesToTheCellThatStartedThem() throws Exception {
    List<KernelMessage> others = new ArrayList<>();
    kernel.onOthers(others::add);
    run("var go = new CountDownLatch(1);\nvar done = new CountDownLatch(3);");
    String starting =
        kernel.sendExecute(
            """
            var pool = Executors.newFixedThreadPool(1);
            Runnable late = () -> {
              try { go.await(); } catch (InterruptedException e) { }
              System.out.println("late " + Thread.currentThread().getName());
              done.countDown();
            };
            new Thread(late, "plain").start();
            pool.execute(() -> { new Thread(late, "child").start(); late.run(); });
            System.out.println("started");
            """,
            true);
    assertThat(await(starting).stdout()).isEqualTo("started\n");
    Ran next =
        run("System.out.println(\"next\"); go.countDown(); done.await(); Thread.sleep(300);");
    assertThat(next.stdout()).isEqualTo("next\n");
    String late =
        others.stream()
            .filter(m -> m.type().equals("stream") && m.parentId().equals(starting))
            .map(m -> m.text("text"))
            .collect(Collectors.joining());
    assertThat(late.lines()).hasSize(3).allMatch(line -> line.startsWith("late "));
    assertThat(late).contains("late plain", "late child", "late pool");
    kernel.onOthers(m -> {});
  }

  @Test
  void standardInputIsAskedForWhereItIsAllowed() throws Exception {
    List<KernelMessage> questions = new ArrayList<>();
    kernel.onInput(
        question -> {
          questions.add(question);
          return "line " + questions.size() + " é";
        });
    try {
      Ran ran =
          run(
              """
              var in = new Scanner(System.in);
              System.out.print("name? ");
              String name = in.nextLine();
              String other = new BufferedReader(new InputStreamReader(System.in, "UTF-8")).readLine();
              name + "|" + other""");
      assertThat(ran.result()).isEqualTo("line 1 é|line 2 é");
      assertThat(ran.stdout()).isEqualTo("name? ");
      assertThat(questions).hasSize(2);
      assertThat(questions.get(0).parentId()).isEqualTo(ran.reply().parentId());
    } finally {
      kernel.onInput(null);
    }
  }

  @Test
  void anAnswerThatComesAfterTheInterruptIsNotTheNextQuestions() throws Exception {
    List<String> answers = new ArrayList<>(List.of("stale", "fresh"));
    kernel.onInput(
        question -> {
          if (answers.size() == 2) {
            kernel.interrupt();
            LockSupport.parkNanos(1_500_000_000); // the cell has ended
          }
          return answers.remove(0);
        });
    try {
      Ran interrupted = run("System.in.read()");
      assertThat(interrupted.reply().text("ename")).isEqualTo("Interrupted");
      Thread.sleep(200); // another socket carries the answer
      assertThat(run("new Scanner(System.in).nextLine()").result()).isEqualTo("fresh");
    } finally {
      kernel.onInput(null);
    }
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

  @Test
  void displayedValuesAndPrintedTextKeepTheirOrder() throws Exception {
    Ran ran =
        run("for (int i = 0; i < 9; i++) { System.out.print(i); display(\"b\"); }\nint end = 1;");
    String order =
        ran.published().stream()
            .map(m -> m.type().equals("display_data") ? "|" : m.text("text"))
            .collect(Collectors.joining());
    assertThat(order).isEqualTo("0|1|2|3|4|5|6|7|8|");
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
  void wrongEnvironmentVariablesFailTheFirstCellAndNoOther(@TempDir Path folder) throws Exception {
    Map<String, String> environment =
        Map.of(
            "IJAVA_CLASSPATH", "no/such.jar",
            "IJAVA_STARTUP_SCRIPT", "int broken = \"text\";",
            "IJAVA_TIMEOUT", "soon");
    try (KernelClient other = KernelClient.start(KernelSpec::command, folder, environment)) {
      KernelMessage first = other.execute("int x = 1;", LIMIT, m -> {});
      assertThat(first.text("ename")).isEqualTo("StartError");
      assertThat(first.text("evalue"))
          .contains("IJAVA_CLASSPATH: Nothing on the disk matches no/such.jar")
          .contains("IJAVA_TIMEOUT: it must be a whole number of milliseconds, but is: soon")
          .contains("a startup script: incompatible types")
          .contains("This cell was not run.");
      assertThat(other.execute("int x = 1;", LIMIT, m -> {}).text("status")).isEqualTo("ok");
    }
  }

  @Test
  void wrongCompilerOptionsAreToldByEveryCell(@TempDir Path folder) throws Exception {
    Map<String, String> environment = Map.of("IJAVA_COMPILER_OPTS", "-nosuch");
    try (KernelClient other = KernelClient.start(KernelSpec::command, folder, environment)) {
      for (int i = 0; i < 2; i++) {
        assertThat(other.execute("1", LIMIT, m -> {}).text("evalue"))
            .contains("-nosuch", "IJAVA_COMPILER_OPTS");
      }
    }
  }

  @Test
  void environmentVariablesAreHonoured(@TempDir Path folder) throws Exception {
    Path script = folder.resolve("start.jshell");
    Files.writeString(script, "int fromFile = 5;");
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
