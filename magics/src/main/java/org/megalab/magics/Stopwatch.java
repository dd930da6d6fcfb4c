package org.megalab.magics;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * What {@code %time} measures. Public for the code of a cell, whose statements the magic wraps in
 * calls of {@link #time}.
 */
public final class Stopwatch {

  /** A statement. */
  @FunctionalInterface
  public interface Action {
    /** Runs it. */
    void run() throws Exception;
  }

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final OperatingSystemMXBean SYSTEM =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private static @Nullable Stopwatch running;

  static {
    add(SYSTEM.getProcessCpuTime(), THREADS.getCurrentThreadAllocatedBytes(), 0); // loads them
  }

  private final @Nullable Stopwatch outer;
  private long nanos;
  private long cpuNanos;
  private long allocated;

  private Stopwatch(@Nullable Stopwatch outer) {
    this.outer = outer;
  }

  /** Begins to add up. */
  static synchronized Stopwatch begin() {
    Stopwatch watch = new Stopwatch(running);
    running = watch;
    return watch;
  }

  /** Ends it. */
  void end() {
    synchronized (Stopwatch.class) {
      running = outer;
    }
  }

  /** Takes the time of an expression. */
  public static <T extends @Nullable Object> T time(Callable<T> expression) throws Exception {
    long bytes = THREADS.getCurrentThreadAllocatedBytes();
    long cpu = SYSTEM.getProcessCpuTime();
    long began = System.nanoTime();
    try {
      return expression.call();
    } finally {
      add(
          System.nanoTime() - began,
          SYSTEM.getProcessCpuTime() - cpu,
          THREADS.getCurrentThreadAllocatedBytes() - bytes);
    }
  }

  private static synchronized void add(long nanos, long cpuNanos, long bytes) {
    for (Stopwatch watch = running; watch != null; watch = watch.outer) {
      watch.nanos += nanos;
      watch.cpuNanos += cpuNanos;
      watch.allocated += bytes;
    }
  }

  /** Takes the time of a statement. */
  public static void time(Action statement) throws Exception {
    Object unused =
        time(
            () -> {
              statement.run();
              return "";
            });
  }

  /** The times of the wall clock and of the process, and what the thread took of Java's heap. */
  @Override
  public String toString() {
    return "wall %s, CPU %s, allocated %s"
        .formatted(seconds(nanos), seconds(cpuNanos), bytes(allocated));
  }

  private static String seconds(long nanos) {
    double s = nanos / 1e9;
    return s >= 1
        ? String.format(Locale.ROOT, "%.2f s", s)
        : s >= 1e-3
            ? String.format(Locale.ROOT, "%.2f ms", 1e3 * s)
            : String.format(Locale.ROOT, "%.1f µs", 1e6 * s);
  }

  private static String bytes(long bytes) {
    return bytes >= 1 << 20
        ? String.format(Locale.ROOT, "%.1f MiB", bytes / 1048576.0)
        : bytes >= 1 << 10
            ? String.format(Locale.ROOT, "%.1f KiB", bytes / 1024.0)
            : bytes + " bytes";
  }
}
