package org.megalab.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.megalab.notebook.Notebook;

/** What Binder does with {@code binder/}, and how much memory it and a notebook then need. */
@Tag("binder")
class BinderTest {
  private static final Path ROOT = Path.of(System.getProperty("megalab.root"));
  private static final Set<String> LEFT_OUT = Set.of("target", "runs", ".git");

  @Test
  @Timeout(1200)
  void aStrangerBuildsAndTrainsWithinOneGibibyte(@TempDir Path folder) throws Exception {
    String reason = Sandbox.unavailable();
    if (reason != null) {
      System.out.println("BinderTest is skipped: " + reason);
    }
    assumeTrue(reason == null, reason);
    Path project = copyOfTheProject(folder.resolve("project"));
    try (Sandbox sandbox = new Sandbox(folder, project, 1L << 30)) {
      assertThat(sandbox.home()).isEmptyDirectory();
      Path prefix = sandbox.home().resolve("environment");
      sandbox.run(Map.of("NB_PYTHON_PREFIX", prefix.toString()), "binder/postBuild");
      System.out.println("postBuild needed " + sandbox.report());

      Path spec = prefix.resolve("share/jupyter/kernels/megalab/kernel.json");
      var argv = JsonParser.parseString(Files.readString(spec)).getAsJsonObject().get("argv");
      assertThat(argv.toString()).contains("-Xmx512m", project.toRealPath() + "/magics/target");
      assertThat(sandbox.home().resolve(".djl.ai/pytorch")).isDirectory();
      Path settings = prefix.resolve("etc/jupyter/jupyter_server_config.d/megalab.json");
      String opened =
          JsonParser.parseString(Files.readString(settings))
              .getAsJsonObject()
              .getAsJsonObject("ServerApp")
              .get("default_url")
              .getAsString();
      assertThat(project.resolve(opened.replace("/lab/tree/", ""))).isRegularFile();

      Path notebook = shortNotebook(project.resolve("notebooks"));
      sandbox.run(
          Map.of("MEGALAB_JAVA_OPTS", "-Xmx512m -Dai.djl.pytorch.num_threads=2"),
          "./megalab",
          "run",
          notebook.toString(),
          "-o",
          notebook.toString());
      System.out.println("the notebook needed " + sandbox.report());
      assertThat(Notebook.read(notebook).codeCells()).allMatch(cell -> cell.executionCount() > 0);
    }
  }

  /** The first notebook with so little training that its second figure says nothing. */
  private static Path shortNotebook(Path notebooks) throws IOException {
    String text = Files.readString(notebooks.resolve("01-first-megabyte.ipynb"));
    for (List<String> part :
        List.of(
            List.of("--steps 1400", "--steps 30"),
            List.of("cost.value() >= lines.order1()", "cost.value() >= 8"),
            List.of("setSteps(300)", "setSteps(10)"))) {
      assertThat(text).contains(part.get(0));
      text = text.replace(part.get(0), part.get(1));
    }
    return Files.writeString(notebooks.resolve("short.ipynb"), text);
  }

  /** As from a fresh clone: nothing built, no runs. */
  private static Path copyOfTheProject(Path target) throws IOException {
    Files.walkFileTree(
        ROOT,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes)
              throws IOException {
            if (LEFT_OUT.contains(folder.getFileName().toString())) {
              return FileVisitResult.SKIP_SUBTREE;
            }
            Files.createDirectories(target.resolve(ROOT.relativize(folder)));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            if (!file.getFileName().toString().equals(".git")) { // a worktree's is a file
              Files.copy(
                  file, target.resolve(ROOT.relativize(file)), StandardCopyOption.COPY_ATTRIBUTES);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    return target;
  }
}
