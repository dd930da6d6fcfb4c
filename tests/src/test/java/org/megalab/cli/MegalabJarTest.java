package org.megalab.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.megalab.notebook.KernelClient;
import org.megalab.notebook.KernelMessage;

/** The one jar that users get, run as they run it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(120)
class MegalabJarTest {
  private static final Path JAR =
      Path.of(System.getProperty("megalab.root"), "magics", "target", "megalab.jar");
  private static final String JAVA =
      Path.of(System.getProperty("java.home"), "bin", "java").toString();

  private KernelClient kernel;
  private Path folder;

  @BeforeAll
  void start(@TempDir Path directory) throws Exception {
    folder = directory;
    kernel =
        KernelClient.start(
            connection -> List.of(JAVA, "-jar", JAR.toString(), "kernel", connection),
            directory,
            Map.of());
  }

  @AfterAll
  void stop() {
    kernel.close();
  }

  /** Runs a cell that must succeed; returns everything it published. */
  private String run(String code) throws Exception {
    List<KernelMessage> published = new ArrayList<>();
    KernelMessage reply = kernel.execute(code, Duration.ofSeconds(90), published::add);
    StringBuilder text = new StringBuilder();
    for (KernelMessage message : published) {
      JsonObject content = message.content();
      if (!message.type().equals("execute_input")) {
        text.append(content).append('\n');
      }
    }
    assertThat(reply.text("status")).as(text.toString()).isEqualTo("ok");
    return text.toString();
  }

  @Test
  void isSmallEnough() throws Exception {
    assertThat(Files.size(JAR)).isLessThanOrEqualTo(30L << 20);
  }

  @Test
  void tellsItsVersion() throws Exception {
    Process process =
        new ProcessBuilder(JAVA, "-jar", JAR.toString(), "version")
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isZero();
    assertThat(output).matches("megalab \\d+\\.\\d+\\.\\d+\\S*, Java \\d+\\S*\\s+");
  }

  @Test
  void tablesawWorksInACell() throws Exception {
    run(
        """
        import tech.tablesaw.api.*;
        import static tech.tablesaw.aggregate.AggregateFunctions.*;
        Table t = Table.create(
            DoubleColumn.create("x", 1.0, 2.0),
            StringColumn.create("s", "a", "b"),
            DateColumn.create("d", java.time.LocalDate.EPOCH, java.time.LocalDate.MAX));
        """);
    assertThat(run("System.out.println(t.print());")).contains("1970-01-01");
    assertThat(run("t.sortOn(\"-x\").doubleColumn(0).get(0)")).contains("\"2.0\"");
    assertThat(run("t.summarize(\"x\", mean, sum).by(\"s\").rowCount()")).contains("\"2\"");
    assertThat(run("t.where(t.doubleColumn(\"x\").isGreaterThan(1)).rowCount()")).contains("\"1\"");
    run("t.removeColumns(\"d\").write().csv(\"t.csv\");");
    assertThat(run("Table.read().csv(\"t.csv\").rowCount()")).contains("\"2\"");
    assertThat(run("t.inRange(1).summary().columnCount()")).contains("3");
  }

  @Test
  void xchartDrawsAPng() throws Exception {
    run(
        """
        import org.knowm.xchart.*;
        XYChart chart = new XYChartBuilder().title("t").build();
        chart.addSeries("a", new double[] {1, 2, 3}, new double[] {1, 4, 9});
        byte[] png = BitmapEncoder.getBitmapBytes(chart, BitmapEncoder.BitmapFormat.PNG);
        """);
    assertThat(run("javax.imageio.ImageIO.read(new ByteArrayInputStream(png)).getWidth()"))
        .contains("\"800\"");
    assertThat(run("java.awt.GraphicsEnvironment.isHeadless()")).contains("true");
  }

  @Test
  void pytorchComputesAndIsQuietAboutMissingGpus() throws Exception {
    String output =
        run(
            """
            import ai.djl.ndarray.*;
            try (NDManager m = NDManager.newBaseManager("PyTorch")) {
              System.out.println("sum " + m.create(new float[] {1, 2}).sum().getFloat());
            }
            """);
    assertThat(output).contains("sum 3.0").doesNotContain("WARN");
  }
}
