package org.megalab.torchscript;

import ai.djl.Device;
import ai.djl.util.cuda.CudaUtils;
import java.io.IOException;
import java.lang.management.MemoryUsage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Something did not fit into the memory of its device. What it was computed from is unharmed: close
 * the manager of the step, and go on with less.
 *
 * <p>libtorch says how much was asked for, and on a GPU how much there is; where it does not, a
 * size is {@link #UNKNOWN}. Java's own {@link OutOfMemoryError} is about the heap, which holds no
 * arrays.
 */
public final class DeviceMemoryException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** A size that was not told. */
  public static final long UNKNOWN = -1;

  /** What libtorch and the libraries under it say when memory is short. */
  private static final Pattern SHORT_OF_MEMORY =
      Pattern.compile(
          "CUDA out of memory|CUDA error: out of memory|CUDA_ERROR_OUT_OF_MEMORY|_ALLOC_FAILED|CUBLAS_STATUS_NOT_INITIALIZED when calling `cublasCreate"
              + "|can't allocate memory|not enough memory: you tried to allocate|std::bad_alloc");

  private static final Pattern ON_GPU = Pattern.compile("CU(DA|BLAS|DNN|FFT|SPARSE|SOLVER)");
  private static final String SIZE = "([0-9.]+) (bytes|KiB|MiB|GiB)";
  private static final Pattern REQUESTED = Pattern.compile("[Tt]ried to allocate " + SIZE);
  private static final Pattern TOTAL = Pattern.compile("total capacity of " + SIZE);
  private static final Pattern FREE = Pattern.compile("of which " + SIZE + " is free");
  private static final Pattern IN_USE =
      Pattern.compile("(?:this process has|Process \\d+ has) " + SIZE + " memory in use");
  private static final Pattern GPU = Pattern.compile("GPU (\\d+) has a total");

  private final String place;
  private final long requested;
  private final long free;
  private final long total;

  private DeviceMemoryException(
      String message, Throwable cause, String place, long requested, long free, long total) {
    super(message, cause);
    this.place = place;
    this.requested = requested;
    this.free = free;
    this.total = total;
  }

  /**
   * Returns the failure as one of memory if it is one, or as it is.
   *
   * <pre>
   * try {
   *   ...
   * } catch (RuntimeException e) {
   *   throw DeviceMemoryException.translate(e);
   * }
   * </pre>
   */
  public static RuntimeException translate(RuntimeException failure) {
    String found = "";
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof DeviceMemoryException known) {
        return known;
      }
      String message = String.valueOf(cause.getMessage());
      if (SHORT_OF_MEMORY.matcher(message).find()) {
        found = message; // the innermost says most
      }
    }
    return found.isEmpty() ? failure : of(found, failure);
  }

  private static DeviceMemoryException of(String message, Throwable cause) {
    Matcher gpu = GPU.matcher(message);
    boolean cuda = ON_GPU.matcher(message).find();
    int index = gpu.find() ? Integer.parseInt(gpu.group(1)) : 0;
    String place = cuda ? "GPU " + index : "the main memory";
    long requested = size(REQUESTED, message);
    long free = size(FREE, message);
    long total = size(TOTAL, message);
    if (total == UNKNOWN && cuda && CudaUtils.hasCuda()) {
      MemoryUsage usage = CudaUtils.getGpuMemory(Device.gpu(index));
      total = usage.getMax();
      free = total - usage.getCommitted();
    } else if (!cuda) {
      total = system("MemTotal:");
      free = system("MemAvailable:");
    }
    long mine = size(IN_USE, message);
    StringBuilder text = new StringBuilder(place).append(" is full");
    text.append(requested == UNKNOWN ? "" : ": " + text(requested) + " were asked for");
    if (total != UNKNOWN) {
      text.append(", ").append(text(free)).append(" of ").append(text(total)).append(" are free");
      text.append(mine == UNKNOWN ? "" : ", this process holds " + text(mine));
    }
    return new DeviceMemoryException(text.toString(), cause, place, requested, free, total);
  }

  private static long size(Pattern pattern, String message) {
    Matcher found = pattern.matcher(message);
    if (!found.find()) {
      return UNKNOWN;
    }
    double unit =
        switch (found.group(2)) {
          case "KiB" -> 1L << 10;
          case "MiB" -> 1L << 20;
          case "GiB" -> 1L << 30;
          default -> 1;
        };
    return Math.round(Double.parseDouble(found.group(1)) * unit);
  }

  /** What Linux says of the main memory. */
  private static long system(String key) {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/meminfo"))) {
        if (line.startsWith(key)) {
          return Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
        }
      }
    } catch (IOException e) {
      // Not Linux.
    }
    return UNKNOWN;
  }

  private static String text(long bytes) {
    return bytes < 1 << 20
        ? bytes + " bytes"
        : bytes < 1 << 30
            ? String.format(Locale.ROOT, "%.1f MiB", bytes / 0x1p20)
            : String.format(Locale.ROOT, "%.2f GiB", bytes / 0x1p30);
  }

  /**
   * Returns this with what was being done, and what to try.
   *
   * @param work such as {@code training step 3 of megalodon, batch 8 × 4096}
   * @param advice a sentence without its full stop
   */
  public DeviceMemoryException during(String work, String advice) {
    return new DeviceMemoryException(
        work + ": " + getMessage() + ". " + advice, this, place, requested, free, total);
  }

  /** Returns the bytes that were asked for at last. */
  public long requestedBytes() {
    return requested;
  }

  /** Returns the bytes that were free then. */
  public long freeBytes() {
    return free;
  }

  /** Returns all bytes of the device. */
  public long totalBytes() {
    return total;
  }

  /** Returns where there was too little, such as {@code GPU 0}. */
  public String place() {
    return place;
  }
}
