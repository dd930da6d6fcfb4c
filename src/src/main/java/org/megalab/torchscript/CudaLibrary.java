package org.megalab.torchscript;

import ai.djl.Device;
import com.sun.jna.Function;
import com.sun.jna.Memory;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.LongByReference;
import com.sun.jna.ptr.PointerByReference;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The functions of libtorch and of CUDA's driver that {@link CudaGraph} and {@link Readback} call.
 *
 * <p>A C++ exception that comes out of one of them ends the JVM: the caller makes sure beforehand
 * that there is no cause for one. The C functions return an error instead, 0 for none.
 */
final class CudaLibrary {

  /** A stream of its own, which does not wait for others. */
  private static final int NON_BLOCKING = 1;

  /** The stream on which libtorch works. */
  private static final long DEFAULT_STREAM = 0;

  /** Events that a thread sleeps for, and that measure no time. */
  private static final int BLOCKING_SYNC_WITHOUT_TIMING = 1 | 2;

  /** What the driver says where memory is short. */
  private static final int OUT_OF_MEMORY = 2;

  /** What the driver says of a stream that is not through yet. */
  private static final int NOT_READY = 600;

  /** The driver's functions. */
  private static final List<String> DRIVER =
      List.of(
          "cuCtxGetDevice",
          "cuEventCreate",
          "cuEventDestroy_v2",
          "cuEventRecord",
          "cuEventSynchronize",
          "cuMemGetInfo_v2",
          "cuStreamBeginCapture_v2",
          "cuStreamCreate",
          "cuStreamEndCapture",
          "cuStreamIsCapturing",
          "cuStreamQuery");

  private static final Optional<CudaLibrary> INSTANCE = load();

  private final NativeLibrary torch;
  private final NativeLibrary driver;
  private final Function construct;
  private final Function destruct;
  private final Function begin;
  private final Function end;
  private final Function replay;

  /** The stream on which a device's kernels are recorded; they run on any. */
  private final Map<Integer, Pointer> streams = new ConcurrentHashMap<>();

  private CudaLibrary(NativeLibrary torch, NativeLibrary driver) {
    this.torch = torch;
    this.driver = driver;
    construct = constructor();
    destruct = method("D1Ev");
    begin = method("13capture_beginESt4pairIyyE21cudaStreamCaptureMode");
    end = method("11capture_endEv");
    replay = method("6replayEv");
    List.of("aoti_torch_create_cuda_stream_guard", "aoti_torch_delete_cuda_stream_guard")
        .forEach(torch::getFunction);
    DRIVER.forEach(driver::getFunction);
  }

  private static Optional<CudaLibrary> load() {
    try {
      return Optional.of(
          new CudaLibrary(
              NativeLibrary.getInstance("torch_cuda"), NativeLibrary.getInstance("libcuda.so.1")));
    } catch (UnsatisfiedLinkError e) {
      return Optional.empty();
    }
  }

  /** Returns the functions, where they are all there. */
  static Optional<CudaLibrary> instance() {
    return INSTANCE;
  }

  private Function method(String signature) {
    return torch.getFunction("_ZN2at4cuda9CUDAGraph" + signature);
  }

  private Function constructor() {
    try {
      return method("C1Eb");
    } catch (UnsatisfiedLinkError e) {
      return method("C1Ev"); // older ones take no argument
    }
  }

  void construct(Memory graph) {
    construct.invokeVoid(new Object[] {graph, 0});
  }

  void destruct(Memory graph) {
    destruct.invokeVoid(new Object[] {graph});
  }

  void begin(Memory graph, long pool, int mode) {
    begin.invokeVoid(new Object[] {graph, 0L, pool, mode});
  }

  void end(Memory graph) {
    end.invokeVoid(new Object[] {graph});
  }

  void replay(Memory graph) {
    replay.invokeVoid(new Object[] {graph});
  }

  /**
   * Makes the device's recording stream the one that this thread's work goes to.
   *
   * @return what {@link #leaveStream} takes
   * @throws IllegalStateException if there is no such stream
   */
  Pointer enterStream(Device device) {
    Pointer stream = stream(device);
    PointerByReference guard = new PointerByReference();
    Function enter = torch.getFunction("aoti_torch_create_cuda_stream_guard");
    check(enter.invokeInt(new Object[] {stream, device.getDeviceId(), guard}), "its stream");
    return guard.getValue();
  }

  void leaveStream(Pointer guard) {
    torch.getFunction("aoti_torch_delete_cuda_stream_guard").invokeInt(new Object[] {guard});
  }

  private Pointer stream(Device device) {
    return streams.computeIfAbsent(
        device.getDeviceId(),
        id -> {
          PointerByReference created = new PointerByReference();
          check(call("cuStreamCreate", created, NON_BLOCKING), "a stream");
          return created.getValue();
        });
  }

  /** Returns whether a stream records: 0 no, 1 yes, 2 it did and failed. */
  int status(Device device) {
    IntByReference status = new IntByReference();
    check(call("cuStreamIsCapturing", stream(device), status), "its state");
    return status.getValue();
  }

  /**
   * Has an empty recording take the place of one that failed, so that libtorch can end it: its
   * allocator releases nothing while one is under way.
   */
  void restart(Device device, int mode) {
    call("cuStreamEndCapture", stream(device), new PointerByReference());
    check(call("cuStreamBeginCapture_v2", stream(device), mode), "an empty recording");
  }

  /** Returns whether the device still works. */
  boolean isWell(Device device) {
    int answer = call("cuStreamQuery", stream(device));
    return answer == 0 || answer == NOT_READY;
  }

  /** Returns the memory that is free on this thread's device; 0 where that is not known. */
  long freeBytes() {
    LongByReference free = new LongByReference();
    return call("cuMemGetInfo_v2", free, new LongByReference()) == 0 ? free.getValue() : 0;
  }

  /** Returns whether this thread's work goes to the device. */
  boolean isCurrent(Device device) {
    IntByReference current = new IntByReference(-1);
    return call("cuCtxGetDevice", current) == 0 && current.getValue() == device.getDeviceId();
  }

  /**
   * Returns an event behind all that was handed to this thread's device.
   *
   * @throws IllegalStateException if there is none to be had
   */
  Pointer recordEvent() {
    PointerByReference created = new PointerByReference();
    check(call("cuEventCreate", created, BLOCKING_SYNC_WITHOUT_TIMING), "an event");
    Pointer event = created.getValue();
    int error = call("cuEventRecord", event, DEFAULT_STREAM);
    if (error != 0) {
      destroyEvent(event);
    }
    check(error, "the place of an event");
    return event;
  }

  /**
   * Waits until the device has reached an event.
   *
   * @throws IllegalStateException if what stands before it failed
   */
  void awaitEvent(Pointer event) {
    check(call("cuEventSynchronize", event), "work that was waited for");
  }

  void destroyEvent(Pointer event) {
    call("cuEventDestroy_v2", event);
  }

  private int call(String function, Object... arguments) {
    return driver.getFunction(function).invokeInt(arguments);
  }

  private static void check(int error, String what) {
    if (error != 0) {
      String name = error == OUT_OF_MEMORY ? "CUDA_ERROR_OUT_OF_MEMORY" : "the error " + error;
      throw new IllegalStateException("CUDA gave " + name + " for " + what);
    }
  }
}
