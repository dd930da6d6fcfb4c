package org.megalab.interop;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Collections;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;
import org.megalab.data.file.Document;

/**
 * A safetensors file: named tensors, each read on its own into plain arrays, row-major.
 *
 * <p>Opening reads and checks the header only; nothing stays open, and files may be larger than
 * memory. A tensor must fit into one Java array. {@link SafetensorsWriter} writes such files.
 *
 * <pre>{@code
 * var file = Safetensors.open(Path.of("model.safetensors"));
 * float[] weight = file.floats("layers.0.weight"); // file.shape("layers.0.weight") says how to fold it
 * }</pre>
 */
public final class Safetensors {
  private static final int CHUNK = 1 << 20;

  private final Document file;
  private final SafetensorsHeader header;

  private Safetensors(Document file) {
    this.file = file;
    this.header = new SafetensorsHeader(file);
  }

  /**
   * Opens a file.
   *
   * @throws IllegalArgumentException if the file is missing, empty, or not a valid safetensors
   *     file; the message names the file, and the tensor where there is one
   * @throws java.io.UncheckedIOException if it cannot be read
   */
  public static Safetensors open(Path path) {
    return new Safetensors(Document.file(path));
  }

  /** Names of the tensors in alphabetical order. */
  public SortedSet<String> names() {
    return Collections.unmodifiableSortedSet(new TreeSet<>(header.tensors.keySet()));
  }

  /** The text that the file says about itself; empty if it says nothing. */
  public SortedMap<String, String> metadata() {
    return Collections.unmodifiableSortedMap(header.metadata);
  }

  /** Sizes of the tensor's axes; none for a scalar. */
  public long[] shape(String name) {
    return entry(name).shape().stream().mapToLong(Long::longValue).toArray();
  }

  /** Element type of the tensor as it is stored. */
  public Dtype dtype(String name) {
    return entry(name).dtype();
  }

  /**
   * The tensor as floats; F64 and whole numbers are rounded to the nearest float, all else is
   * exact.
   */
  public float[] floats(String name) {
    float[] values = new float[size(name)];
    Dtype dtype = dtype(name);
    read(
        name,
        (data, at, n) -> {
          if (dtype == Dtype.F32) {
            data.asFloatBuffer().get(values, at, n);
          } else {
            for (int i = at; i < at + n; i++) {
              values[i] = dtype.nextFloat(data);
            }
          }
        });
    return values;
  }

  /** The tensor as doubles; I64 and U64 are rounded to the nearest double, all else is exact. */
  public double[] doubles(String name) {
    double[] values = new double[size(name)];
    Dtype dtype = dtype(name);
    read(
        name,
        (data, at, n) -> {
          for (int i = at; i < at + n; i++) {
            values[i] = dtype.nextDouble(data);
          }
        });
    return values;
  }

  /**
   * The tensor as longs, exact.
   *
   * @throws IllegalArgumentException if the tensor holds floating-point numbers, or a U64 that is
   *     more than a long holds
   */
  public long[] longs(String name) {
    Dtype dtype = dtype(name);
    if (!dtype.isInteger()) {
      throw new IllegalArgumentException(
          "%s: tensor %s is %s, not whole numbers; read it with floats or doubles"
              .formatted(file, name, dtype));
    }
    long[] values = new long[size(name)];
    read(
        name,
        (data, at, n) -> {
          for (int i = at; i < at + n; i++) {
            values[i] = nextLong(name, dtype, data);
          }
        });
    return values;
  }

  private long nextLong(String name, Dtype dtype, ByteBuffer data) {
    try {
      return dtype.nextLong(data);
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(
          "%s: tensor %s holds %s; read it with doubles".formatted(file, name, e.getMessage()), e);
    }
  }

  /**
   * The tensor's bytes as they are stored, in a little-endian buffer from position 0 to its limit.
   */
  public ByteBuffer buffer(String name) {
    SafetensorsHeader.Entry entry = entry(name);
    int bytes = fits(name, entry.end() - entry.begin(), "bytes");
    return ByteBuffer.wrap(file.read(header.dataStart + entry.begin(), bytes))
        .order(ByteOrder.LITTLE_ENDIAN);
  }

  /** File, number of tensors and their bytes on one line. */
  @Override
  public String toString() {
    return "%s, %d tensors".formatted(file, header.tensors.size());
  }

  /** Takes n elements, the first of which is number {@code at} of the tensor. */
  private interface Sink {
    void take(ByteBuffer data, int at, int n);
  }

  private void read(String name, Sink sink) {
    SafetensorsHeader.Entry entry = entry(name);
    int width = entry.dtype().bytes();
    byte[] chunk = new byte[(int) Math.min(CHUNK, entry.end() - entry.begin())];
    for (long at = entry.begin(); at < entry.end(); at += chunk.length) {
      int bytes = (int) Math.min(chunk.length, entry.end() - at);
      file.read(header.dataStart + at, chunk, 0, bytes);
      ByteBuffer data = ByteBuffer.wrap(chunk, 0, bytes).order(ByteOrder.LITTLE_ENDIAN);
      sink.take(data, (int) ((at - entry.begin()) / width), bytes / width);
    }
  }

  private int size(String name) {
    return fits(name, entry(name).elements(), "elements");
  }

  private int fits(String name, long size, String what) {
    if (size > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "%s: tensor %s has %,d %s, more than one Java array holds; store it in parts"
              .formatted(file, name, size, what));
    }
    return (int) size;
  }

  private SafetensorsHeader.Entry entry(String name) {
    SafetensorsHeader.Entry entry = header.tensors.get(name);
    if (entry == null) {
      throw new IllegalArgumentException(
          "%s: there is no tensor %s; there are %s"
                  .formatted(file, name, header.tensors.keySet().stream().limit(40).toList())
              + (header.tensors.size() > 40
                  ? " and %d more".formatted(header.tensors.size() - 40)
                  : ""));
    }
    return entry;
  }
}
