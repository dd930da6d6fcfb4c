package org.megalab.interop;

import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.MalformedJsonException;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.megalab.data.file.Document;

/**
 * Reads and checks what a safetensors file says about itself, trusting nothing of it.
 *
 * <p>The file is n (8 bytes, unsigned, little-endian), n bytes of a JSON object, then the data. The
 * tensors must cover the data completely and without overlap, as the format demands.
 */
final class SafetensorsHeader {
  /** Longest header that the format allows. */
  static final long MAX_BYTES = 100_000_000;

  static final String METADATA = "__metadata__";

  /**
   * Type, shape and place of one tensor; {@code begin} and {@code end} count from the first byte of
   * the data.
   */
  record Entry(Dtype dtype, List<Long> shape, long elements, long begin, long end) {}

  final SortedMap<String, Entry> tensors = new TreeMap<>();
  final SortedMap<String, String> metadata = new TreeMap<>();
  final long dataStart;

  private final Document file;

  SafetensorsHeader(Document file) {
    this.file = file;
    if (file.length() < 8) {
      throw bad(
          "the file has %d bytes, too few for the header's length (8 bytes)"
              .formatted(file.length()));
    }
    long length = ByteBuffer.wrap(file.read(0, 8)).order(ByteOrder.LITTLE_ENDIAN).getLong();
    if (length < 0 || length > MAX_BYTES) {
      throw bad(
          "the header claims %s bytes; the format allows %d; this is probably no safetensors file"
              .formatted(Long.toUnsignedString(length), MAX_BYTES));
    }
    if (length > file.length() - 8) {
      throw bad(
          "the header claims %d bytes, but only %d follow; the file is cut off"
              .formatted(length, file.length() - 8));
    }
    dataStart = 8 + length;
    byte[] json = file.read(8, (int) length);
    if (length == 0 || json[0] != '{') {
      throw bad("the header is not a JSON object; this is probably no safetensors file");
    }
    try {
      parse(json);
    } catch (CharacterCodingException e) {
      throw bad("the header is not UTF-8");
    } catch (MalformedJsonException | EOFException e) {
      // the parser puts its own advice before the place and a link in the next line
      String message = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
      int place = message.indexOf(" at line ");
      throw bad(
          "the header is not valid JSON"
              + (place < 0 ? ": " + message : brief(message.substring(place))));
    } catch (IOException e) {
      throw bad("the header cannot be read: %s".formatted(e));
    }
    checkCover(file.length() - dataStart);
  }

  private void parse(byte[] json) throws IOException {
    try (InputStreamReader text =
            new InputStreamReader(
                new ByteArrayInputStream(json), StandardCharsets.UTF_8.newDecoder());
        JsonReader reader = new JsonReader(text)) {
      reader.setStrictness(Strictness.STRICT);
      boolean sawMetadata = false;
      reader.beginObject();
      while (reader.hasNext()) {
        String name = reader.nextName();
        if (name.equals(METADATA)) {
          if (sawMetadata) {
            throw bad("%s occurs twice".formatted(METADATA));
          }
          sawMetadata = true;
          parseMetadata(reader);
        } else if (tensors.put(name, parseEntry(name, reader)) != null) {
          throw badTensor(name, "the name occurs twice");
        }
      }
      reader.endObject();
      if (reader.peek() != JsonToken.END_DOCUMENT) {
        throw bad("something follows the header's JSON object");
      }
    }
  }

  private void parseMetadata(JsonReader reader) throws IOException {
    expect(null, reader, JsonToken.BEGIN_OBJECT, METADATA);
    reader.beginObject();
    while (reader.hasNext()) {
      String key = reader.nextName();
      expect(null, reader, JsonToken.STRING, METADATA + "." + brief(key));
      if (metadata.put(key, reader.nextString()) != null) {
        throw bad("%s has the key %s twice".formatted(METADATA, brief(key)));
      }
    }
    reader.endObject();
  }

  private Entry parseEntry(String name, JsonReader reader) throws IOException {
    expect(name, reader, JsonToken.BEGIN_OBJECT, "the entry");
    reader.beginObject();
    Dtype dtype = null;
    List<Long> shape = null;
    List<Long> offsets = null;
    while (reader.hasNext()) {
      String key = reader.nextName();
      boolean twice;
      switch (key) {
        case "dtype" -> {
          twice = dtype != null;
          expect(name, reader, JsonToken.STRING, key);
          dtype = dtype(name, reader.nextString());
        }
        case "shape" -> {
          twice = shape != null;
          shape = numbers(name, key, reader);
        }
        case "data_offsets" -> {
          twice = offsets != null;
          offsets = numbers(name, key, reader);
        }
        default ->
            throw badTensor(
                name, "unknown key %s; allowed: dtype, shape, data_offsets".formatted(brief(key)));
      }
      if (twice) {
        throw badTensor(name, "the key %s occurs twice".formatted(key));
      }
    }
    reader.endObject();
    if (dtype == null || shape == null || offsets == null) {
      String missing = dtype == null ? "dtype" : shape == null ? "shape" : "data_offsets";
      throw badTensor(name, "the key %s is missing".formatted(missing));
    }
    return entry(name, dtype, shape, offsets);
  }

  private Entry entry(String name, Dtype dtype, List<Long> shape, List<Long> offsets) {
    if (offsets.size() != 2) {
      throw badTensor(
          name, "data_offsets has %d numbers; it must have 2".formatted(offsets.size()));
    }
    long begin = offsets.get(0);
    long end = offsets.get(1);
    long available = file.length() - dataStart;
    if (begin > end || end > available) {
      throw badTensor(
          name,
          "data_offsets [%d, %d] leave the data, which has %d bytes"
              .formatted(begin, end, available));
    }
    long elements;
    long bytes;
    try {
      elements = elements(shape.stream().mapToLong(Long::longValue).toArray());
      bytes = Math.multiplyExact(elements, (long) dtype.bytes());
    } catch (ArithmeticException e) {
      throw badTensor(
          name,
          "shape %s has more elements than can be counted".formatted(brief(shape.toString())));
    }
    if (bytes != end - begin) {
      throw badTensor(
          name,
          "shape %s of %s needs %d bytes, but data_offsets [%d, %d] hold %d"
              .formatted(brief(shape.toString()), dtype, bytes, begin, end, end - begin));
    }
    return new Entry(dtype, List.copyOf(shape), elements, begin, end);
  }

  /**
   * Product of the sizes; throws ArithmeticException where it leaves 63 bits, or a size is
   * negative.
   */
  static long elements(long[] shape) {
    long elements = 1;
    for (long size : shape) {
      if (size < 0) {
        throw new ArithmeticException("negative size");
      }
      elements = Math.multiplyExact(elements, size);
    }
    return elements;
  }

  private Dtype dtype(String name, String text) {
    try {
      return Dtype.valueOf(text);
    } catch (IllegalArgumentException e) {
      throw badTensor(
          name,
          "dtype %s is unknown; allowed: %s"
              .formatted(brief(text), Arrays.toString(Dtype.values())));
    }
  }

  private List<Long> numbers(String name, String key, JsonReader reader) throws IOException {
    expect(name, reader, JsonToken.BEGIN_ARRAY, key);
    List<Long> numbers = new ArrayList<>();
    reader.beginArray();
    while (reader.hasNext()) {
      expect(name, reader, JsonToken.NUMBER, key);
      String digits = reader.nextString();
      try {
        numbers.add(Long.parseLong(digits));
      } catch (NumberFormatException e) {
        throw badTensor(
            name,
            "%s holds %s; it must hold whole numbers from 0 to 2^63 - 1"
                .formatted(key, brief(digits)));
      }
      if (numbers.get(numbers.size() - 1) < 0) {
        throw badTensor(
            name,
            "%s holds %s; it must hold whole numbers from 0 to 2^63 - 1"
                .formatted(key, brief(digits)));
      }
    }
    reader.endArray();
    return numbers;
  }

  private void checkCover(long available) {
    List<Map.Entry<String, Entry>> placed = new ArrayList<>(tensors.entrySet());
    placed.sort(
        Comparator.<Map.Entry<String, Entry>>comparingLong(e -> e.getValue().begin())
            .thenComparingLong(e -> e.getValue().end()));
    long covered = 0;
    for (Map.Entry<String, Entry> e : placed) {
      long begin = e.getValue().begin();
      if (begin != covered) {
        throw badTensor(
            e.getKey(),
            "its data begin at %d, but the data before it end at %d: %s"
                .formatted(begin, covered, begin < covered ? "they overlap" : "there is a hole"));
      }
      covered = e.getValue().end();
    }
    if (covered != available) {
      throw bad(
          "the tensors cover %d bytes of data, but the file has %d".formatted(covered, available));
    }
  }

  private void expect(@Nullable String tensor, JsonReader reader, JsonToken token, String what)
      throws IOException {
    JsonToken found = reader.peek();
    if (found != token) {
      String message =
          "%s must be a JSON %s, but is a %s".formatted(what, word(token), word(found));
      throw tensor == null ? bad(message) : badTensor(tensor, message);
    }
  }

  private static String word(JsonToken token) {
    return switch (token) {
      case BEGIN_OBJECT -> "object";
      case BEGIN_ARRAY -> "array";
      case STRING -> "string";
      case NUMBER -> "number";
      case BOOLEAN -> "boolean";
      case NULL -> "null";
      case END_ARRAY, END_OBJECT, NAME, END_DOCUMENT -> "end";
    };
  }

  private IllegalArgumentException badTensor(String tensor, String message) {
    return new IllegalArgumentException(
        "%s: tensor %s: %s".formatted(file, brief(tensor), message));
  }

  private IllegalArgumentException bad(String message) {
    return new IllegalArgumentException(file + ": " + message);
  }

  private static String brief(String text) {
    return text.length() <= 80 ? text : text.substring(0, 80) + "…";
  }
}
