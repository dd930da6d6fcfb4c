package org.megalab.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.megalab.notebook.KernelClient;
import org.megalab.notebook.KernelMessage;

/** What a kernel keeps in memory, what it lets go of, and what it survives. */
class KernelMemoryTest extends KernelFixture {
  private static final String GONE =
      "for (int i = 0; i < 50 && %1$s.get() != null; i++) { System.gc(); Thread.sleep(20); }\n"
          + "%1$s.get() == null";

  private boolean isGone(String reference) throws Exception {
    return run(GONE.formatted(reference)).result().equals("true");
  }

  /** Defines {@code name} as a watched array; its text must not hold a result. */
  private void watched(String name, String reference) throws Exception {
    Ran ran =
        run(
            "var %1$s = new byte[1000];\nvar %2$s = new java.lang.ref.WeakReference<>(%1$s);"
                .formatted(name, reference));
    assertThat(ran.status()).as(ran.reply().content().toString()).isEqualTo("ok");
  }

  @Test
  void resultsAreNotKeptAlive() throws Exception {
    run("var ref = new java.lang.ref.WeakReference<Object>(null);");
    run(
        "Object make() { Object o = new byte[1000]; ref = new java.lang.ref.WeakReference<>(o); return o; }");
    run("make()");
    assertThat(isGone("ref")).isTrue();
    run("make(); if (true) throw new RuntimeException();");
    assertThat(isGone("ref")).isTrue();
  }

  @Test
  void redeclaredVariablesLetGoOfTheirFormerValue() throws Exception {
    watched("again", "first");
    run("var again = new byte[1000];");
    assertThat(isGone("first")).isTrue();
    watched("retyped", "second");
    run("int retyped = 1;");
    assertThat(isGone("second")).as("retyped").isTrue();
    watched("assigned", "third");
    run("class Unrelated {}\nimport java.time.*;");
    run("assigned = null;");
    assertThat(isGone("third")).as("assigned").isTrue();
  }

  @Test
  void resetReleasesVariablesAndSaysWhich() throws Exception {
    run("class Kept { int v; }\nint twice(int x) { return 2 * x; }");
    run("byte[] large = new byte[30_000_000];\nlong[] other = new long[10];\nint number = 3;");
    run(
        "static class Watch { static java.lang.ref.WeakReference<Object> of; }\nWatch.of = new java.lang.ref.WeakReference<>(large);");
    Ran results = run("%reset --results");
    assertThat(results.stdout()).contains("no variables dropped");
    assertThat(run("number").result()).isEqualTo("3");
    Ran reset = run("%reset");
    assertThat(reset.stdout()).contains("large", "other", "number", "MB of the heap freed");
    assertThat(reset.stream("stderr")).isEmpty();
    String freed = reset.stdout().replaceAll("(?s).*; ([0-9.]+) MB of the heap.*", "$1");
    assertThat(Double.parseDouble(freed)).isGreaterThan(25);
    assertThat(isGone("Watch.of")).isTrue();
    assertThat(run("large").reply().text("ename")).isEqualTo("CompileError");
    assertThat(run("new Kept().v + twice(4)").result()).isEqualTo("8");
    assertThat(run("int number = 5;\nnumber").result()).isEqualTo("5");
    assertThat(run("%reset --everything").reply().text("evalue")).contains("--results");
  }

  @Test
  void resetReleasesWhatMagicsDefined() throws Exception {
    run(
        "%%model megabyte --preset tiny\n{\"contextLength\": 32, \"patchSize\": 8, \"global\": {\"modelDim\": 16, \"layers\": 1, \"heads\": 2}, \"local\": {\"modelDim\": 8, \"layers\": 1, \"heads\": 2}}");
    run(
        "static class ModelWatch { static java.lang.ref.WeakReference<Object> of; }\nModelWatch.of = new java.lang.ref.WeakReference<>(model);");
    assertThat(run("ModelWatch.of.get() == model").result()).isEqualTo("true");
    assertThat(run("%reset").stdout()).contains("model");
    assertThat(isGone("ModelWatch.of")).isTrue();
  }

  @Test
  void anExhaustedHeapIsAnsweredAndTheVariablesStay(@TempDir Path folder) throws Exception {
    try (KernelClient small =
        KernelClient.start(KernelMemoryTest::withSmallHeap, folder, Map.of())) {
      small.execute("var kept = List.of(1, 2); var hog = new ArrayList<byte[]>();", LIMIT, m -> {});
      KernelMessage full =
          small.execute("while (true) hog.add(new byte[1 << 20]);", LIMIT, m -> {});
      assertThat(full.text("ename")).isEqualTo("java.lang.OutOfMemoryError");
      small.execute("hog = null;", LIMIT, m -> {});
      List<KernelMessage> published = new ArrayList<>();
      assertThat(small.execute("kept", LIMIT, published::add).text("status")).isEqualTo("ok");
      assertThat(published.toString()).contains("[1, 2]");
    }
  }

  private static List<String> withSmallHeap(String connectionFile) {
    List<String> command = new ArrayList<>(KernelSpec.command(connectionFile));
    command.add(1, "-Xmx160m");
    return command;
  }
}
