package org.megalab.kernel;

import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The one thread on which cells run, and how to end what runs there.
 *
 * <p>An interrupt sets the thread's interrupt flag, but only while user code runs: the compiler's
 * files would be closed by it. If the cell goes on for {@value #GRACE_MILLIS} ms it is stopped,
 * except that library loops which poll the flag get {@value #LIBRARY_GRACE_MILLIS} ms.
 */
final class CellThread implements Executor {
  static final long GRACE_MILLIS = 1_000;
  static final long LIBRARY_GRACE_MILLIS = 60_000;

  /** Deep recursion in a cell and long expressions in the compiler need room. */
  private static final long STACK_BYTES = 16L << 20;

  private static final List<String> POLLING_PACKAGES =
      List.of(
          "org.megalab.train.",
          "org.megalab.generate.",
          "org.megalab.evaluate.",
          "org.megalab.magics.");

  private final BlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
  private final ScheduledExecutorService timer;
  private final Thread thread = new Thread(null, this::work, "cell", STACK_BYTES);
  private final Object lock = new Object();
  private Runnable stopper = () -> {};
  private long task;
  private boolean started;
  private boolean running;
  private boolean inUserCode;
  private int userDepth;
  private boolean interrupted;

  CellThread(ScheduledExecutorService timer) {
    this.timer = timer;
    thread.setDaemon(true);
    thread.start();
  }

  /** Sets what ends user code that ignores its interrupt flag. */
  void onStop(Runnable newStopper) {
    stopper = newStopper;
  }

  Thread thread() {
    return thread;
  }

  @Override
  public void execute(Runnable newTask) {
    tasks.add(newTask);
  }

  private void work() {
    while (true) {
      try {
        Runnable next = tasks.take();
        synchronized (lock) {
          task++;
          running = true;
          interrupted = false;
        }
        next.run();
      } catch (Throwable late) {
        // A late stop or interrupt: tasks report their own failures.
      } finally {
        synchronized (lock) {
          running = false;
          inUserCode = false;
          userDepth = 0;
          Thread.interrupted();
        }
      }
    }
  }

  /** Said once, when JShell is up: what runs before this is not interrupted. */
  void setStarted() {
    synchronized (lock) {
      started = true;
    }
  }

  /** Whether the running cell was asked to end. */
  boolean isInterrupted() {
    synchronized (lock) {
      return interrupted;
    }
  }

  /**
   * Whether nothing more of the cell shall begin. What runs already may finish its work with
   * snippets of its own: an interrupted magic still defines its variable.
   */
  boolean mustEnd() {
    synchronized (lock) {
      return interrupted && userDepth == 0;
    }
  }

  /**
   * Runs user code, which may be interrupted and stopped.
   *
   * @throws InterruptedException if the cell was interrupted before the code began
   */
  <T extends @Nullable Object> T user(Callable<T> code) throws Exception {
    if (Thread.currentThread() != thread) {
      return code.call();
    }
    synchronized (lock) {
      if (mustEnd()) {
        throw new InterruptedException("the cell was interrupted");
      }
      inUserCode = true;
      userDepth++;
    }
    try {
      return code.call();
    } finally {
      synchronized (lock) {
        inUserCode = false;
        userDepth--;
        Thread.interrupted();
      }
    }
  }

  /** Runs code of the kernel, shielded from interrupts; user code may have called it. */
  <T extends @Nullable Object> T shielded(Callable<T> code) throws Exception {
    if (Thread.currentThread() != thread) {
      return code.call();
    }
    boolean calledByUser;
    synchronized (lock) {
      calledByUser = inUserCode;
      inUserCode = false;
      Thread.interrupted();
    }
    try {
      return code.call();
    } finally {
      synchronized (lock) {
        inUserCode = calledByUser;
        if (calledByUser && interrupted) {
          thread.interrupt();
        }
      }
    }
  }

  /** Asks the running cell to end; does nothing when none runs. */
  void interrupt() {
    synchronized (lock) {
      if (!running || !started) {
        return;
      }
      interrupted = true;
      if (inUserCode) {
        thread.interrupt();
      }
      long interruptedTask = task;
      long start = System.nanoTime();
      Future<?> unused =
          timer.schedule(() -> stop(interruptedTask, start), GRACE_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void stop(long interruptedTask, long start) {
    synchronized (lock) {
      if (!running || task != interruptedTask) {
        return;
      }
      long waited = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
      if (inUserCode && (waited > LIBRARY_GRACE_MILLIS || !pollsItsFlag())) {
        stopper.run();
      }
      Future<?> unused =
          timer.schedule(() -> stop(interruptedTask, start), 200, TimeUnit.MILLISECONDS);
    }
  }

  private boolean pollsItsFlag() {
    for (StackTraceElement frame : thread.getStackTrace()) {
      if (POLLING_PACKAGES.stream().anyMatch(frame.getClassName()::startsWith)) {
        return true;
      }
    }
    return false;
  }
}
