package org.megalab.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.megalab.kernel.KernelSpec;
import org.megalab.notebook.Notebook;
import org.openqa.selenium.Dimension;
import org.openqa.selenium.SessionNotCreatedException;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;

/** Notebooks in the classic Jupyter, in a browser. */
@Tag("browser")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(900)
class BrowserTest {
  private static final Path ROOT = Path.of(System.getProperty("megalab.root"));
  private static final Path SCREENSHOTS = ROOT.resolve("tests/target/screenshots");
  private static final Duration ALL_CELLS = Duration.ofMinutes(8);
  private static final Duration ONE_CELL = Duration.ofMinutes(1);
  private static final int BROWSER_ATTEMPTS = 3;
  private static final Logger SELENIUM = Logger.getLogger("org.openqa.selenium");

  private Path notebooks;
  private JupyterServer jupyter;
  private ChromeDriverService service;
  private ChromeDriver browser;

  @BeforeAll
  void start(@TempDir Path folder) throws Exception {
    List<String> missing =
        JupyterServer.missing("jupyter", "jupyter-notebook", "chromium", "chromedriver");
    if (!missing.isEmpty()) {
      System.out.println("BrowserTest is skipped: not on PATH: " + missing);
    }
    assumeTrue(missing.isEmpty(), () -> "not on PATH: " + missing);
    notebooks = Files.createDirectories(folder.resolve("notebooks"));
    Path kernels = Files.createDirectories(folder.resolve("kernels"));
    KernelSpec.writeTo(kernels);
    jupyter = new JupyterServer(folder, kernels, notebooks);
    startBrowser(folder);
  }

  /** A browser that meets a busy machine may give up while it starts. */
  private void startBrowser(Path folder) throws Exception {
    SELENIUM.setLevel(Level.SEVERE); // else it warns that it does not know this version's protocol
    Path home = Files.createDirectories(folder.resolve("browser-home"));
    for (int attempt = 1; browser == null; attempt++) {
      service =
          new ChromeDriverService.Builder()
              .usingDriverExecutable(JupyterServer.onPath("chromedriver").toFile())
              .withEnvironment(JupyterServer.environment(home))
              .withLogFile(folder.resolve("chromedriver.log").toFile())
              .build();
      ChromeOptions options =
          new ChromeOptions()
              .setBinary(JupyterServer.onPath("chromium").toFile())
              .addArguments(
                  "--headless=new",
                  "--no-sandbox",
                  "--disable-gpu",
                  "--disable-dev-shm-usage",
                  "--window-size=1200,1400",
                  "--user-data-dir=" + Files.createTempDirectory(folder, "profile-"));
      try {
        browser = new ChromeDriver(service, options);
      } catch (SessionNotCreatedException e) {
        service.stop();
        if (attempt == BROWSER_ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  @AfterAll
  void stop() {
    List<ProcessHandle> started =
        Stream.concat(
                jupyter == null ? Stream.of() : jupyter.processes(),
                ProcessHandle.current().descendants().filter(BrowserTest::belongsToTheBrowser))
            .toList();
    try {
      if (browser != null) {
        browser.quit();
      }
    } finally {
      if (jupyter != null) {
        jupyter.close();
      }
      started.forEach(Processes::end);
    }
    assertThat(started).noneMatch(ProcessHandle::isAlive);
  }

  private static boolean belongsToTheBrowser(ProcessHandle process) {
    return process.info().command().filter(c -> c.contains("chrom")).isPresent();
  }

  private NotebookPage open(String name) {
    return new NotebookPage(browser, jupyter.url("notebooks/" + name));
  }

  private static Path screenshot(String name) {
    return SCREENSHOTS.resolve(name + ".png");
  }

  @Test
  void theFirstNotebookRunsWithTablesChartsAndLiveProgress() throws Exception {
    String text = Files.readString(ROOT.resolve("notebooks/01-first-megabyte.ipynb"));
    Map<String, String> shorter =
        Map.of(
            "--steps 1400", "--steps 60",
            "--bytes 400", "--bytes 40",
            "cost.value() >= lines.order1()", "cost.value() >= 8",
            "setSteps(300)", "setSteps(10)");
    for (Map.Entry<String, String> part : shorter.entrySet()) {
      assertThat(text).contains(part.getKey());
      text = text.replace(part.getKey(), part.getValue());
    }
    Notebook notebook = Notebook.parse(text);
    notebook.codeCells().forEach(Notebook.CodeCell::clear);
    notebook.write(notebooks.resolve("first.ipynb"));
    List<String> sources = notebook.codeCells().stream().map(Notebook.CodeCell::source).toList();
    int training = sources.indexOf("%train --steps 60 --learning-rate 3e-3 --evaluate-every 200");

    NotebookPage page = open("first.ipynb");
    assertThat(page.shown("table")).isEmpty();
    page.runAll();
    Set<String> progress = page.awaitIdle(ALL_CELLS, training);
    page.screenshot(training, screenshot("01-training"));
    page.screenshot(0, screenshot("01-top"));
    page.screenshot(sources.size() - 3, screenshot("01-end"));

    assertThat(page.shown(".output_error")).isEmpty();
    assertThat(page.prompt(sources.size() - 1)).isEqualTo("In [%d]:".formatted(sources.size()));
    assertThat(page.shown(".output_html table")).hasSizeGreaterThanOrEqualTo(7);
    assertThat(page.shown(".output_html table caption")).contains("magics");
    assertThat(page.pictures()).hasSize(2).allMatch(BrowserTest::isSeen);
    assertThat(progress).as("texts while it trained").hasSizeGreaterThanOrEqualTo(4);
    assertThat(page.output(training)).contains("The run is in runs/");
  }

  private static boolean isSeen(Dimension size) {
    return size.getWidth() > 300 && size.getHeight() > 200;
  }

  private static final String STUDY =
      """
      %%ablate patch-size
      {"model": {"architecture": "megabyte", "preset": "tiny", "contextLength": 64,
                 "global": {"modelDim": 32, "layers": 1, "heads": 2},
                 "local": {"modelDim": 16, "layers": 1, "heads": 2}},
       "data": "books", "training": {"steps": 60, "batchSize": 2},
       "seeds": 2, "base": "patchSize=8", "grid": {"patchSize": [4, 8]}}\
      """;

  private static final List<String> STUDY_NOTEBOOK =
      List.of(
          "%dataset books",
          STUDY,
          "result.table()",
          "int kept = 42;\nint[] sizes = {4, 8};\nsizes[2]",
          "System.out.println(\"begun\");\nlong turns = 0;\nwhile (true) {\n  turns++;\n}",
          "kept + \" is kept\"");

  @Test
  void aStudyIsLiveAnErrorEndsTheRunAndAnInterruptACell() throws Exception {
    Files.writeString(notebooks.resolve("study.ipynb"), notebook(STUDY_NOTEBOOK));
    int study = STUDY_NOTEBOOK.indexOf(STUDY);
    int failing = study + 2;
    int endless = study + 3;
    NotebookPage page = open("study.ipynb");
    page.runAll();
    Set<String> progress = page.awaitIdle(ALL_CELLS, study);
    page.screenshot(study, screenshot("study"));
    assertThat(progress).as("texts while it ran").hasSizeGreaterThanOrEqualTo(4);
    assertThat(page.pictures()).hasSizeGreaterThanOrEqualTo(2).allMatch(BrowserTest::isSeen);
    assertThat(page.output(study)).contains("patch-size: 4 of 4 runs in runs/patch-size");
    assertThat(page.output(study + 1)).contains("patchSize=4", "patchSize=8");

    assertThat(page.shown(".output_error")).hasSize(1);
    assertThat(page.output(failing))
        .contains(
            "ArrayIndexOutOfBoundsException", "Index 2 out of bounds for length 2", "sizes[2]")
        .contains("cell 4, line 3")
        .doesNotContain("\u001b", "REPL.$JShell$");
    page.screenshot(failing, screenshot("error"));
    assertThat(page.prompt(endless)).as("a cell behind the failed one").isEqualTo("In [ ]:");

    page.run(endless);
    page.await(ONE_CELL, () -> page.output(endless).contains("begun"));
    assertThat(page.prompt(endless)).isEqualTo("In [*]:");
    page.interrupt();
    page.await(ONE_CELL, page::isIdle);
    page.screenshot(endless, screenshot("interrupt"));
    assertThat(page.output(endless)).containsIgnoringCase("interrupt");
    page.run(endless + 1);
    page.await(ONE_CELL, () -> page.output(endless + 1).contains("42 is kept"));
  }

  private static String notebook(List<String> sources) {
    JsonArray cells = new JsonArray();
    for (String source : sources) {
      JsonObject cell = new JsonObject();
      cell.addProperty("cell_type", "code");
      cell.addProperty("source", source);
      cell.add("execution_count", JsonNull.INSTANCE);
      cell.add("metadata", new JsonObject());
      cell.add("outputs", new JsonArray());
      cells.add(cell);
    }
    JsonObject kernel = new JsonObject();
    kernel.addProperty("name", KernelSpec.NAME);
    kernel.addProperty("display_name", "Java (Megalab)");
    kernel.addProperty("language", "java");
    JsonObject metadata = new JsonObject();
    metadata.add("kernelspec", kernel);
    JsonObject notebook = new JsonObject();
    notebook.add("cells", cells);
    notebook.add("metadata", metadata);
    notebook.addProperty("nbformat", 4);
    notebook.addProperty("nbformat_minor", 4);
    return notebook.toString();
  }
}
