package org.megalab.notebook;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.megalab.kernel.KernelSpec;

/** Makes the file of loaded classes with which a kernel starts faster. */
public final class KernelArchive {
  private static final Duration LIMIT = Duration.ofMinutes(2);

  /** What most kernels do first: these classes go into the archive. */
  private static final List<String> CELLS =
      List.of(
          "int x = 20;\nSystem.out.println(x);\nx * 2 + 2",
          "List.of(1, 2).stream().map(v -> v + x).toList()",
          "class Named { int v; }\nnew Named().v",
          "%lsmagic",
          "int wrong = \"text\";");

  private KernelArchive() {}

  /**
   * Runs a kernel once and has Java write down the classes that it loaded.
   *
   * @return whether the archive is there now; not where Megalab runs from class folders
   */
  public static boolean create() throws InterruptedException {
    Path archive = KernelSpec.archive();
    if (archive == null) {
      return false;
    }
    try {
      Files.deleteIfExists(archive);
      Path folder = archive.resolveSibling("");
      try (KernelClient kernel =
          KernelClient.start(file -> recording(file, archive), folder, Map.of())) {
        for (String cell : CELLS) {
          kernel.execute(cell, LIMIT, message -> {});
        }
        return kernel.shutdown(false, LIMIT) && Files.isReadable(archive);
      }
    } catch (IOException | TimeoutException e) {
      return false; // the kernel starts all the same, only slower
    }
  }

  private static List<String> recording(String connectionFile, Path archive) {
    List<String> command = new ArrayList<>(KernelSpec.command(connectionFile));
    command.add(1, "-XX:ArchiveClassesAtExit=" + archive);
    return command;
  }
}
