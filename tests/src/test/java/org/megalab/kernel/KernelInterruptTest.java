package org.megalab.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Cells that are asked to end. */
class KernelInterruptTest extends KernelFixture {
  private Ran interruptAfterFirstOutput(String code) throws Exception {
    return interruptAfterFirstOutput(code, Duration.ofSeconds(2));
  }

  private Ran interruptAfterFirstOutput(String code, Duration limit) throws Exception {
    return interruptAfter(code, "stream", 1, limit);
  }

  @Test
  void busyLoopEndsWithinTwoSecondsAndVariablesStay() throws Exception {
    run("long spins = 0; var kept = new java.util.ArrayList<>(List.of(7));");
    Ran ran =
        interruptAfterFirstOutput("{ System.out.println(\"go\"); while (true) { spins++; } }");
    assertThat(ran.reply().text("ename")).isEqualTo("Interrupted");
    assertThat(run("spins > 1000").result()).isEqualTo("true");
    assertThat(run("kept").result()).isEqualTo("[7]");
    long first = Long.parseLong(run("spins").result());
    assertThat(run("spins").result()).isEqualTo(String.valueOf(first));
  }

  @Test
  void printingLoopEndsAndLeavesNothingForTheNextCell() throws Exception {
    for (int i = 0; i < 5; i++) { // where in the printing the end comes is a matter of luck
      interruptAfterFirstOutput("while (true) { System.out.println(\"noise\"); }");
      assertThat(run("System.out.println(\"quiet\");").stdout()).isEqualTo("quiet\n");
    }
  }

  @Test
  void aLongLineThatIsStoppedHalfWayLeavesNothingForTheNextCell() throws Exception {
    Ran ran =
        run(
            """
            {
              String noise = "noise".repeat(4_000); // longer than the buffers of a print stream
              long begin = System.nanoTime();
              getKernelInstance().interrupt();
              while (System.nanoTime() - begin < 900_000_000) { } // the stop comes after a second
              while (true) { System.out.println(noise); }
            }
            """);
    assertThat(ran.reply().text("ename")).isEqualTo("Interrupted");
    assertThat(run("System.out.println(\"quiet\");").stdout()).isEqualTo("quiet\n");
  }

  @Test
  void codeThatCatchesItsInterruptMayPrintAndFinishUndisturbed() throws Exception {
    Ran ran =
        interruptAfterFirstOutput(
            """
            boolean disturbed = true;
            {
              System.out.println("go");
              try {
                Thread.sleep(60_000);
              } catch (InterruptedException e) {
                System.out.println("tidying up");
                disturbed = Thread.currentThread().isInterrupted();
              }
            }
            """);
    assertThat(ran.stdout()).isEqualTo("go\ntidying up\n");
    assertThat(run("disturbed").result()).isEqualTo("false");
  }

  @Test
  void displayingLoopEnds() throws Exception {
    Ran ran =
        interruptAfterFirstOutput(
            """
            System.out.println("go");
            String shown = display("0");
            for (long i = 1; ; i++) { updateDisplay(shown, "" + i); }
            """);
    assertThat(ran.reply().text("ename")).isEqualTo("Interrupted");
    assertThat(run("1 + 1").result()).isEqualTo("2");
  }

  @Test
  void sleepEndsAtOnce() throws Exception {
    Ran ran = interruptAfterFirstOutput("{ System.out.println(\"go\"); Thread.sleep(60_000); }");
    assertThat(ran.reply().text("ename")).isEqualTo("Interrupted");
    assertThat(ran.traceback()).contains("InterruptedException");
  }

  @Test
  void cellThatEndsNormallyAfterAnInterruptIsInterruptedYetKeepsVariables() throws Exception {
    Ran ran =
        interruptAfterFirstOutput(
            "int polled = 0;\n{ System.out.println(\"go\");\n"
                + "while (!Thread.currentThread().isInterrupted()) { polled = 5; } }");
    assertThat(ran.status()).isEqualTo("error");
    assertThat(ran.reply().text("ename")).isEqualTo("Interrupted");
    assertThat(run("polled").result()).isEqualTo("5");
    assertThat(run("Thread.currentThread().isInterrupted()").result()).isEqualTo("false");
  }

  @Test
  void libraryLoopsGetTimeToEndCleanly() throws Exception {
    Ran ran =
        interruptAfterFirstOutput(
            "String ended = org.megalab.train.SlowToStop.run(2500);", Duration.ofSeconds(5));
    assertThat(ran.reply().text("ename")).isEqualTo("Interrupted");
    assertThat(run("ended").result()).isEqualTo("clean end");
  }

  @Test
  void interruptWhileTheCompilerWorksLeavesItIntact() throws Exception {
    String id = kernel.sendExecute("int c0 = 0;\n".repeat(300), true);
    TimeUnit.MILLISECONDS.sleep(300);
    kernel.interrupt();
    assertThat(await(id).reply().text("ename")).isEqualTo("Interrupted");
    assertThat(run("import javax.crypto.*;\nc0 + new ArrayDeque<Integer>().size()").result())
        .isEqualTo("0");
  }

  @Test
  void interruptOfAnIdleKernelDoesNothing() throws Exception {
    run("1 + 1"); // it has started
    kernel.interrupt();
    Thread.sleep(200); // another socket carries the cell
    assertThat(run("Thread.sleep(50);\n\"still here\"").result()).isEqualTo("still here");
  }
}
