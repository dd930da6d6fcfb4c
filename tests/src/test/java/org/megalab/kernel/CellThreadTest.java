package org.megalab.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;

/** The thread on which cells run. */
@Timeout(30)
class CellThreadTest {
  @Test
  @EnabledForJreRange(max = JRE.JAVA_19) // later ones cannot stop threads
  @SuppressWarnings("deprecation") // as the kernel does
  void aStopThatStrikesLateStrikesTheCellAndNotTheKernelsWorkBehindIt() throws Exception {
    ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    try {
      CellThread cells = new CellThread(timer);
      CompletableFuture<Boolean> stopAsked = new CompletableFuture<>();
      cells.onStop(
          () -> {
            stopAsked.complete(true);
            Future<?> unused =
                timer.schedule(() -> cells.thread().stop(), 20, TimeUnit.MILLISECONDS);
          });
      CompletableFuture<String> struck = new CompletableFuture<>();
      cells.execute(
          () -> {
            cells.setStarted();
            String where = "nowhere";
            try {
              cells.user(
                  () -> {
                    cells.interrupt();
                    while (!stopAsked.isDone()) {
                      Thread.onSpinWait();
                    }
                    return "ends by itself, right before the stop strikes";
                  });
            } catch (ThreadDeath e) {
              where = "the cell";
            } catch (Exception e) {
              where = e.toString();
            }
            try {
              long start = System.nanoTime();
              while (System.nanoTime() - start < 200_000_000) {
                Thread.onSpinWait();
              }
            } catch (ThreadDeath e) {
              where = "the kernel";
            }
            struck.complete(where);
          });
      assertThat(struck.get(10, TimeUnit.SECONDS)).isEqualTo("the cell");
    } finally {
      timer.shutdownNow();
    }
  }
}
