package org.megalab.interop;

import com.google.gson.stream.JsonWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ShortBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * Collects tensors and writes them as one safetensors file.
 *
 * <pre>{@code
 * new SafetensorsWriter().metadata("step", "100").floats("weight", values, 2, 3).write(path);
 * }</pre>
 *
 * <p>Arrays are row-major and are not copied: they must not change before {@link #write}. The
 * header lists the names in alphabetical order and ends on a multiple of 8 bytes; wide elements
 * come first in the data, so every element is aligned. Equal input gives equal files.
 */
public final class SafetensorsWriter {
  private static final int CHUNK = 1 << 20;

  private final SortedMap<String, String> metadata = new TreeMap<>();
  private final SortedMap<String, Tensor> tensors = new TreeMap<>();

  /** Puts elements {@code at .. at + n - 1} into a buffer. */
  private interface Source {
    void put(ByteBuffer data, int at, int n);
  }

  /** Puts some of the values that are held while a tensor is written. */
  private interface Encoder {
    void put(ByteBuffer data, float[] held, int at, int n);
  }

  private record Tensor(Dtype dtype, List<Long> shape, int elements, Source source) {
    long bytes() {
      return (long) elements * dtype.bytes();
    }
  }

  /**
   * Adds text that the file says about itself; a later value for the same key replaces the earlier.
   */
  public SafetensorsWriter metadata(String key, String value) {
    metadata.put(key, value);
    return this;
  }

  /**
   * Adds an F32 tensor; no sizes mean a scalar.
   *
   * @throws IllegalArgumentException if the shape does not fit the number of values, or the name is
   *     taken
   */
  public SafetensorsWriter floats(String name, float[] values, long... shape) {
    return add(
        name,
        Dtype.F32,
        values.length,
        shape,
        (data, at, n) -> data.asFloatBuffer().put(values, at, n));
  }

  /**
   * Adds an F32 tensor whose values are asked for when they are written, so that not all tensors of
   * a file need to be in memory at once.
   */
  public SafetensorsWriter floats(String name, Supplier<float[]> values, long... shape) {
    return add(
        name,
        Dtype.F32,
        values,
        shape,
        (data, held, at, n) -> data.asFloatBuffer().put(held, at, n));
  }

  /**
   * Adds a BF16 tensor, each value rounded to the nearest, the even one of two equally near. The
   * values are asked for when they are written.
   */
  public SafetensorsWriter bfloat16s(String name, Supplier<float[]> values, long... shape) {
    return add(
        name,
        Dtype.BF16,
        values,
        shape,
        (data, held, at, n) -> {
          ShortBuffer out = data.asShortBuffer();
          for (int i = at; i < at + n; i++) {
            out.put(Dtype.toBfloat16(held[i]));
          }
        });
  }

  /** Adds an F64 tensor; errors as in {@link #floats}. */
  public SafetensorsWriter doubles(String name, double[] values, long... shape) {
    return add(
        name,
        Dtype.F64,
        values.length,
        shape,
        (data, at, n) -> data.asDoubleBuffer().put(values, at, n));
  }

  /** Adds an I64 tensor; errors as in {@link #floats}. */
  public SafetensorsWriter longs(String name, long[] values, long... shape) {
    return add(
        name,
        Dtype.I64,
        values.length,
        shape,
        (data, at, n) -> data.asLongBuffer().put(values, at, n));
  }

  /** Adds a U8 tensor; errors as in {@link #floats}. */
  public SafetensorsWriter bytes(String name, byte[] values, long... shape) {
    return add(
        name, Dtype.U8, values.length, shape, (data, at, n) -> data.duplicate().put(values, at, n));
  }

  /**
   * Writes the file: first under another name in the same folder, then moved into place at once,
   * replacing what was there. A reader sees the old file or the new one, never a part.
   *
   * @throws UncheckedIOException if that fails; the message names the file, and nothing is left
   *     behind
   */
  public void write(Path path) {
    Path target = path.toAbsolutePath();
    Path part =
        target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID() + ".part");
    try {
      try (FileChannel out =
          FileChannel.open(part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        List<Map.Entry<String, Tensor>> order = new ArrayList<>(tensors.entrySet());
        order.sort(
            Comparator.comparingInt(
                e -> -e.getValue().dtype().bytes())); // stable: names stay in order
        writeAll(out, ByteBuffer.wrap(header(order)));
        for (Map.Entry<String, Tensor> e : order) {
          writeData(out, e.getValue());
        }
        out.force(true);
      }
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      try {
        Files.deleteIfExists(part);
      } catch (IOException second) {
        e.addSuppressed(second);
      }
      throw new UncheckedIOException(
          target
              + ": the file cannot be written: "
              + e
              + "; check that the folder exists and has room",
          e);
    }
  }

  private SafetensorsWriter add(
      String name, Dtype dtype, Supplier<float[]> values, long[] shape, Encoder encoder) {
    return add(
        name,
        dtype,
        Math.toIntExact(SafetensorsHeader.elements(shape)),
        shape,
        new Source() {
          private float[] held = {};

          @Override
          public void put(ByteBuffer data, int at, int n) {
            if (at == 0) {
              held = values.get();
            }
            encoder.put(data, held, at, n);
            if (at + n == held.length) {
              held = new float[0];
            }
          }
        });
  }

  private SafetensorsWriter add(
      String name, Dtype dtype, int elements, long[] shape, Source source) {
    if (name.equals(SafetensorsHeader.METADATA) || tensors.containsKey(name)) {
      throw new IllegalArgumentException("tensor " + name + ": the name is taken; use another");
    }
    long product;
    try {
      product = SafetensorsHeader.elements(shape);
    } catch (ArithmeticException e) {
      product = -1;
    }
    if (product != elements) {
      throw new IllegalArgumentException(
          "tensor %s: the shape %s does not fit %d values"
              .formatted(name, Arrays.toString(shape), elements));
    }
    tensors.put(name, new Tensor(dtype, Arrays.stream(shape).boxed().toList(), elements, source));
    return this;
  }

  /** Length and JSON, padded with spaces to a multiple of 8 bytes. */
  private byte[] header(List<Map.Entry<String, Tensor>> order) throws IOException {
    Map<String, Long> begins = new TreeMap<>();
    long end = 0;
    for (Map.Entry<String, Tensor> e : order) {
      begins.put(e.getKey(), end);
      end += e.getValue().bytes();
    }
    ByteArrayOutputStream json = new ByteArrayOutputStream();
    json.write(new byte[8]);
    try (JsonWriter out = new JsonWriter(new OutputStreamWriter(json, StandardCharsets.UTF_8))) {
      out.beginObject();
      if (!metadata.isEmpty()) {
        out.name(SafetensorsHeader.METADATA).beginObject();
        for (Map.Entry<String, String> e : metadata.entrySet()) {
          out.name(e.getKey()).value(e.getValue());
        }
        out.endObject();
      }
      for (Map.Entry<String, Tensor> e : tensors.entrySet()) {
        Tensor tensor = e.getValue();
        long begin = begins.getOrDefault(e.getKey(), 0L);
        out.name(e.getKey())
            .beginObject()
            .name("dtype")
            .value(tensor.dtype().name())
            .name("shape")
            .beginArray();
        for (long size : tensor.shape()) {
          out.value(size);
        }
        out.endArray()
            .name("data_offsets")
            .beginArray()
            .value(begin)
            .value(begin + tensor.bytes())
            .endArray();
        out.endObject();
      }
      out.endObject();
    }
    while (json.size() % 8 != 0) {
      json.write(' ');
    }
    if (json.size() - 8 > SafetensorsHeader.MAX_BYTES) {
      throw new IOException(
          "the header has %d bytes, the format allows %d"
              .formatted(json.size() - 8, SafetensorsHeader.MAX_BYTES));
    }
    byte[] bytes = json.toByteArray();
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(bytes.length - 8L);
    return bytes;
  }

  private static void writeData(FileChannel out, Tensor tensor) throws IOException {
    int width = tensor.dtype().bytes();
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK).order(ByteOrder.LITTLE_ENDIAN);
    for (int at = 0; at < tensor.elements(); ) {
      int n = Math.min(CHUNK / width, tensor.elements() - at);
      tensor.source().put(chunk, at, n);
      writeAll(out, chunk.slice(0, n * width));
      at += n;
    }
  }

  private static void writeAll(FileChannel out, ByteBuffer data) throws IOException {
    while (data.hasRemaining()) {
      out.write(data);
    }
  }
}
