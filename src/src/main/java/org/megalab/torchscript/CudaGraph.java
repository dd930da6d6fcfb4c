package org.megalab.torchscript;

import ai.djl.Device;
import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import org.jspecify.annotations.Nullable;

/**
 * Kernels of a GPU that were recorded once, to be launched together as often as wished.
 *
 * <pre>
 * CudaGraph graph = CudaGraph.record(device, () -> SCRIPT.call("step", false, x, weights, y).close());
 * graph.replay();                                    // the same kernels on the same memory
 * </pre>
 *
 * Java hands a kernel over in about 20 µs; a graph of hundreds takes no longer than one, and the
 * GPU goes from one of them to the next in less than 2 µs.
 *
 * <p>While work is recorded it is not done. It must read and write the same arrays each time and
 * decide nothing by their values: it reads nothing back and uploads nothing, and arrays that it
 * makes are its own, in memory that the graph keeps. The common mistake is to record what has not
 * run before: scripts are compiled and libraries loaded in the first two runs.
 *
 * <p>libtorch offers this to C++ alone, and its functions are looked up by their C++ names. Where
 * they are missing (another system, an unknown libtorch), memory is short, or the environment has
 * {@value #VARIABLE}{@code =0}, nothing is recorded.
 */
public final class CudaGraph implements AutoCloseable {

  /** The environment variable that keeps kernels from being recorded where it is 0. */
  public static final String VARIABLE = "MEGALAB_CUDA_GRAPHS";

  private static final boolean WANTED = !"0".equals(System.getenv(VARIABLE));

  /** What must be free on a GPU, so that CUDA does not fail half-way. */
  private static final long LEAST_FREE_BYTES = 1L << 28;

  /** More than libtorch's object takes. */
  private static final int OBJECT_BYTES = 8192;

  /** What must be free when the work has taken what it needs: for thousands of kernels. */
  private static final long LEFT_FREE_BYTES = 3L << 26;

  /** CUDA's mode in which other threads may work, but not wait for the whole device. */
  private static final int THREAD_LOCAL = 1;

  private static final int RECORDING = 1;

  /** Tells the memory of graphs apart, and from that of others. */
  private static long pool = 0x4d4547414c4142L;

  private static final ThreadLocal<Boolean> RECORDS = ThreadLocal.withInitial(() -> false);

  private final Device device;
  private final CudaLibrary library;
  private final Memory graph;
  private boolean closed;

  private CudaGraph(Device device, CudaLibrary library, Memory graph) {
    this.device = device;
    this.library = library;
    this.graph = graph;
  }

  /** Returns whether work on a device can be recorded, where there is memory for it. */
  public static boolean isSupported(Device device) {
    return WANTED && device.isGpu() && CudaLibrary.instance().isPresent();
  }

  /** Returns whether work on a device, with which this thread has worked, can be recorded now. */
  public static boolean isAvailable(Device device) {
    return isSupported(device)
        && CudaLibrary.instance()
            .filter(library -> library.isCurrent(device))
            .filter(library -> library.freeBytes() >= LEAST_FREE_BYTES)
            .isPresent();
  }

  /** Runs something while no thread records, for what libtorch refuses then. */
  static synchronized void alone(Runnable work) {
    work.run();
  }

  /** Returns whether this thread's work is being recorded, instead of done. */
  public static boolean isRecording() {
    return RECORDS.get();
  }

  /**
   * Records what some work hands to a GPU on this thread.
   *
   * @throws IllegalStateException if nothing can be recorded there, or the work did what cannot be
   *     recorded; nothing is lost then
   */
  public static synchronized CudaGraph record(Device device, Runnable work) {
    if (!isAvailable(device)) {
      throw new IllegalStateException(
          "kernels cannot be recorded on "
              + device
              + ": it is no GPU of a libtorch with CUDA on Linux, has less than 256 MiB free, or "
              + VARIABLE
              + " is 0");
    }
    CudaLibrary library = CudaLibrary.instance().orElseThrow();
    if (library.status(device) != 0) {
      throw new IllegalStateException("a recording cannot begin inside of another");
    }
    Memory graph = new Memory(OBJECT_BYTES);
    graph.clear();
    Pointer guard = library.enterStream(device);
    try {
      library.construct(graph);
      library.begin(graph, pool++, THREAD_LOCAL);
      Throwable failure = failureOf(work);
      // to end what failed as it is, or with too little memory, would end the JVM
      boolean sound = library.status(device) == RECORDING && library.freeBytes() >= LEFT_FREE_BYTES;
      if (!sound) {
        library.restart(device, THREAD_LOCAL);
      }
      library.end(graph);
      if (!sound || failure != null) {
        library.destruct(graph);
        throw refused(failure);
      }
      return new CudaGraph(device, library, graph);
    } finally {
      library.leaveStream(guard);
    }
  }

  private static IllegalStateException refused(@Nullable Throwable failure) {
    if (failure instanceof Error error) {
      throw error;
    }
    String reason =
        failure == null
            ? ""
            : "; " + String.valueOf(failure.getMessage()).lines().findFirst().orElse("");
    return new IllegalStateException(
        "the work cannot be recorded: it fails, reads back, uploads or waits, or memory is short"
            + reason,
        failure);
  }

  private static @Nullable Throwable failureOf(Runnable work) {
    RECORDS.set(true);
    try {
      work.run();
      return null;
    } catch (RuntimeException | Error e) {
      return e;
    } finally {
      RECORDS.set(false);
    }
  }

  /**
   * Hands the recorded kernels to the GPU, behind what this thread has handed over before.
   *
   * @throws IllegalStateException if the graph is closed, or the GPU no longer works
   */
  public void replay() {
    synchronized (CudaGraph.class) { // to query a stream spoils what another thread records
      if (closed) {
        throw new IllegalStateException("the graph is closed");
      }
      if (!library.isWell(device)) {
        throw new IllegalStateException(device + " no longer works; start a new process");
      }
      library.replay(graph);
    }
  }

  /** Frees what the graph keeps, when the GPU is through with it. */
  @Override
  public void close() {
    synchronized (CudaGraph.class) {
      if (!closed) {
        closed = true;
        library.destruct(graph);
        graph.close();
      }
    }
  }
}
