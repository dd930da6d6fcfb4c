package org.megalab.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How a kernel is started. */
class KernelStartTest {
  @Test
  @Timeout(60)
  void commandNamesAnArchiveOnlyOfTheJarThatRuns() {
    assertThat(KernelSpec.archive()).isNull(); // tests run from class folders
    assertThat(KernelSpec.command("f")).noneMatch(option -> option.contains("SharedArchiveFile"));
  }
}
