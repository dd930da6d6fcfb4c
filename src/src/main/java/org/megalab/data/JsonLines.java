package org.megalab.data;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.MalformedJsonException;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.megalab.data.file.Decoding;
import org.megalab.data.file.Document;
import org.megalab.data.file.MalformedFileException;
import org.megalab.data.file.Spool;
import org.megalab.data.file.TextLines;

/**
 * Text in JSON lines, such as The Pile: every line is an object, and one of its fields is a
 * document.
 *
 * <pre>
 * {"text": "The document.\nIts second line.", "meta": {"pile_set_name": "Pile-CC"}}
 * </pre>
 *
 * <p>The layout of a folder is {@code train/*.jsonl}, or {@code train.jsonl}, and so for {@code
 * val}, {@code valid} or {@code validation} and for {@code test}; files may end in {@code
 * .jsonl.gz}. Files are taken in the order of their names. A document is called by its file and its
 * number among the file's documents, from 0 on: {@code 00.jsonl#12}. Empty lines and documents
 * without text are left out.
 *
 * <p>Everything is decoded once, when it is opened, into a temporary file; memory is needed for the
 * longest line and eight bytes a document.
 */
public final class JsonLines {
  private static final List<String> ENDINGS = List.of(".jsonl", ".jsonl.gz");
  private static final String ADVICE = "correct or remove the line";

  private final String field;
  private final Spool spool;

  private JsonLines(String field, Spool spool) {
    this.field = field;
    this.spool = spool;
  }

  /** A folder whose documents are in the field {@code text}; errors as in the other. */
  public static Corpus open(Path folder) {
    return open(folder, "text", Decoding.DEFAULT);
  }

  /**
   * A folder in the layout above.
   *
   * @param field the field that is the document
   * @throws IllegalArgumentException if there is no train split, a split has no documents, or a
   *     file is malformed: a line that is no JSON object or not UTF-8, the field missing, given
   *     twice or not a string, damaged gzip; the message names file, line and offset
   */
  public static Corpus open(Path folder, String field, Decoding decoding) {
    SplitFiles files = new SplitFiles(folder, ENDINGS);
    return new Corpus(
        String.valueOf(folder.toAbsolutePath().normalize().getFileName()),
        split("train", files.required("train"), field, decoding),
        split("validation", files.optional("validation", "valid", "val"), field, decoding),
        split("test", files.optional("test"), field, decoding),
        folder.toAbsolutePath().normalize());
  }

  /** Whether a folder is in this layout. */
  static boolean fits(Path folder) {
    return new SplitFiles(folder, ENDINGS).has("train");
  }

  private static Split split(String name, List<Path> files, String field, Decoding decoding) {
    List<Document> documents = files.isEmpty() ? List.of() : documents(files, field, decoding);
    if (documents.isEmpty() && !files.isEmpty()) {
      throw new IllegalArgumentException(
          "%s: the split %s has no documents: every \"%s\" is empty; leave the files out, or name another field"
              .formatted(files, name, field));
    }
    return new Split(name, documents);
  }

  /** The documents of files, one after the other; errors as in {@link #open}. */
  public static List<Document> documents(List<Path> files, String field, Decoding decoding) {
    try (Spool spool = new Spool(files.toString(), new Decoding(decoding.maximum(), false))) {
      TreeMap<Integer, String> firsts = new TreeMap<>();
      for (Path file : files) {
        firsts.put(spool.count(), String.valueOf(file.getFileName()));
        spool.beginSource();
        TextLines.read(file, new JsonLines(field, spool)::document);
      }
      return spool.documents(
          index -> {
            var first = firsts.floorEntry(index);
            return first.getValue() + "#" + (index - first.getKey());
          });
    } catch (IOException e) {
      throw Spool.failure(files, e);
    }
  }

  private void document(TextLines.Line line) throws IOException {
    String json = line.text();
    if (json.isBlank()) {
      return;
    }
    String text = text(json, line);
    spool.begin(line);
    ByteBuffer encoded = encode(text, line);
    spool.write(encoded.array(), encoded.arrayOffset(), encoded.limit());
    spool.end();
  }

  private String text(String json, TextLines.Line line) {
    JsonReader reader = new JsonReader(new StringReader(json));
    reader.setStrictness(Strictness.STRICT);
    String text = null;
    try {
      if (reader.peek() != JsonToken.BEGIN_OBJECT) {
        throw wrong(line, "a JSON " + kind(reader.peek()), "one object {...}");
      }
      reader.beginObject();
      while (reader.hasNext()) {
        text = field(reader, text, line);
      }
      reader.endObject();
      if (reader.peek() != JsonToken.END_DOCUMENT) {
        throw new MalformedJsonException("something behind the object");
      }
    } catch (IOException | IllegalStateException e) {
      String message = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
      String place = message.replaceFirst("^Use JsonReader.*malformed JSON ", "");
      throw wrong(line, "malformed JSON (" + place + ")", "one object {...}");
    }
    if (text == null) {
      throw line.fault(
          "an object without the field \"" + field + "\"",
          "one that has it",
          "name the field that holds the text");
    }
    return text;
  }

  private @Nullable String field(JsonReader reader, @Nullable String text, TextLines.Line line)
      throws IOException {
    if (!reader.nextName().equals(field)) {
      reader.skipValue();
      return text;
    }
    if (text != null) {
      throw wrong(line, "the field \"" + field + "\" twice", "it once");
    }
    if (reader.peek() != JsonToken.STRING) {
      throw line.fault(
          "a " + kind(reader.peek()) + " in the field \"" + field + "\"",
          "a string",
          "name the field that holds the text");
    }
    return reader.nextString();
  }

  private static ByteBuffer encode(String text, TextLines.Line line) {
    try {
      return UTF_8.newEncoder().encode(CharBuffer.wrap(text));
    } catch (CharacterCodingException e) {
      throw wrong(line, "half a surrogate pair (\\ud800 to \\udfff)", "whole characters");
    }
  }

  private static String kind(JsonToken token) {
    return switch (token) {
      case BEGIN_ARRAY -> "list";
      case BEGIN_OBJECT -> "object";
      case NUMBER -> "number";
      case STRING -> "string";
      case BOOLEAN -> "boolean";
      case NULL -> "null";
      default -> "token " + token;
    };
  }

  private static MalformedFileException wrong(TextLines.Line line, String found, String expected) {
    return line.fault(found, expected, ADVICE);
  }
}
