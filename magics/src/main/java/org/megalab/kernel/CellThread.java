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
          "org.megalab.experiment.",
          "org.megalab.train.",
          "org.megalab.generate.",
          "org.megalab.evaluate.",
          "org.megalab.magics.");

  /** The package of JShell's classes. */
  private static final String SNIPPETS = "REPL.";

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

  /** User code shall find its interrupt flag set when the kernel's own work for it is done. */
  private boolean interruptDue;

  /** A stop was thrown at user code and may not have struck yet. */
  private boolean stopPending;

  /** User code shall be stopped as soon as the kernel's own work on its behalf is done. */
  private boolean stopDue;

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

  /** Whether more is to be done after what runs now. */
  boolean isAwaited() {
    return !tasks.isEmpty();
  }

  private void work() {
    while (true) {
      try {
        Runnable next = tasks.take();
        synchronized (lock) {
          task++;
          running = true;
          interrupted = false;
          interruptDue = false;
          stopPending = false;
          stopDue = false;
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
    int depth;
    synchronized (lock) {
      if (mustEnd()) {
        throw new InterruptedException("the cell was interrupted");
      }
      inUserCode = true;
      depth = userDepth++;
    }
    try {
      try {
        return code.call();
      } finally {
        leaveUserCode(depth);
      }
    } catch (ThreadDeath late) { // it may strike on the way into the block above
      leaveUserCode(depth);
      throw late;
    }
  }

  private void leaveUserCode(int depth) {
    synchronized (lock) {
      try {
        letStopStrike();
      } finally {
        inUserCode = false;
        userDepth = depth;
        Thread.interrupted();
        interruptDue = interrupted && depth > 0; // the code that called this code is to end too
      }
    }
  }

  /**
   * Waits for a stop that was thrown at this thread, so that it strikes here and not later, amid
   * the kernel's work, where it would leave locks held that nobody then releases.
   */
  private void letStopStrike() {
    if (stopPending) {
      stopPending = false;
      long start = System.nanoTime();
      while (System.nanoTime() - start < 50_000_000) {
        Thread.onSpinWait();
      }
    }
  }

  /**
   * Runs code of the kernel, shielded from interrupts and stops; user code may have called it, and
   * is then interrupted or stopped when the kernel's work is done.
   */
  <T extends @Nullable Object> T shielded(Callable<T> code) throws Exception {
    boolean calledByUser = leaveForKernel();
    try {
      return code.call();
    } finally {
      returnToUserCode(calledByUser);
    }
  }

  /** The same for work that throws nothing, such as publishing what user code printed. */
  void uninterrupted(Runnable work) {
    boolean calledByUser = leaveForKernel();
    try {
      work.run();
    } finally {
      returnToUserCode(calledByUser);
    }
  }

  /** Whether the calling thread comes from user code on the cell thread. */
  private boolean leaveForKernel() {
    if (Thread.currentThread() != thread) {
      return false;
    }
    synchronized (lock) {
      letStopStrike();
      boolean calledByUser = inUserCode;
      inUserCode = false;
      interruptDue |= Thread.interrupted();
      return calledByUser;
    }
  }

  private void returnToUserCode(boolean calledByUser) {
    if (!calledByUser) {
      return;
    }
    synchronized (lock) {
      inUserCode = true;
      if (stopDue) {
        stopDue = false;
        throw new ThreadDeath();
      }
      if (interruptDue) {
        interruptDue = false;
        thread.interrupt();
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
      } else {
        interruptDue = true;
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
      if (waited > LIBRARY_GRACE_MILLIS || !pollsItsFlag()) {
        if (inUserCode) {
          stopPending = true;
          stopper.run();
        } else {
          stopDue = true;
        }
      }
      Future<?> unused =
          timer.schedule(() -> stop(interruptedTask, start), 200, TimeUnit.MILLISECONDS);
    }
  }

  /** Whether what runs innermost is the library's, rather than a cell's code that it called. */
  private boolean pollsItsFlag() {
    for (StackTraceElement frame : thread.getStackTrace()) {
      if (frame.getClassName().startsWith(SNIPPETS)) {
        return false;
      }
      if (POLLING_PACKAGES.stream().anyMatch(frame.getClassName()::startsWith)) {
        return true;
      }
    }
    return false;
  }
}
