package org.megalab.cli;

import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/** Ends what a test has started. */
final class Processes {
  private static final int PATIENCE_SECONDS = 20;

  private Processes() {}

  /** Asks a process and its descendants to end; forces those that stay. */
  static void end(ProcessHandle process) {
    List<ProcessHandle> all =
        Stream.concat(Stream.of(process), process.descendants()).toList(); // before any is gone
    process.destroy();
    try {
      process.onExit().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      // force follows
    }
    all.stream().filter(ProcessHandle::isAlive).forEach(ProcessHandle::destroyForcibly);
  }
}
