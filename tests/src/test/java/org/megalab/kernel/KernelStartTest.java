package org.megalab.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.megalab.notebook.KernelClient;

/** How long a kernel takes to begin, and how it ends with its parent. */
class KernelStartTest {
  private static final int STARTS = 3;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  /**
   * The machine may be busy with other things: what counts is the best of a few starts, and the
   * limits grow with the number of processes that wait for each processor. The limits are those of
   * class folders on the class path; from the jar with its archive a start takes less.
   */
  @Test
  @Timeout(300)
  void isReadyWithinASecondAndRunsTheFirstCellWithinAnother(@TempDir Path folder) throws Exception {
    double ready = Double.MAX_VALUE;
    double first = Double.MAX_VALUE;
    for (int i = 0; i < STARTS; i++) {
      long start = System.nanoTime();
      try (KernelClient kernel = KernelClient.start(KernelSpec::command, folder, Map.of())) {
        ready = Math.min(ready, (System.nanoTime() - start) / 1e9);
        long cell = System.nanoTime();
        assertThat(kernel.execute("int x = 1;\nx + 1", LIMIT, m -> {}).text("status"))
            .isEqualTo("ok");
        first = Math.min(first, (System.nanoTime() - cell) / 1e9);
      }
    }
    var system = ManagementFactory.getOperatingSystemMXBean();
    double busy = Math.max(1, system.getSystemLoadAverage() / system.getAvailableProcessors());
    assertThat(ready).as("seconds until ready").isLessThan(1.5 * busy);
    assertThat(first).as("seconds of the first cell").isLessThan(1.5 * busy);
  }

  @Test
  @Timeout(60)
  void commandNamesAnArchiveOnlyOfTheJarThatRuns() {
    assertThat(KernelSpec.archive()).isNull(); // tests run from class folders
    assertThat(KernelSpec.command("f")).noneMatch(option -> option.contains("SharedArchiveFile"));
  }
}
