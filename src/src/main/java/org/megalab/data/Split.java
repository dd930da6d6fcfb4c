package org.megalab.data;

import java.util.ArrayList;
import java.util.List;
import org.megalab.data.file.Document;
import org.megalab.data.file.SpooledDocuments;

/**
 * The documents of one part of a corpus, in a fixed order.
 *
 * @param name how the part is called: train, validation or test
 * @param documents the documents; empty if the corpus has no such part
 */
public record Split(String name, List<Document> documents) {

  /** Keeps its own copy of the list, unless nobody can change it. */
  public Split {
    documents = documents instanceof SpooledDocuments ? documents : List.copyOf(documents);
  }

  /** Total length of all documents in bytes. */
  public long bytes() {
    return documents.stream().mapToLong(Document::length).sum();
  }

  /**
   * Returns the same bytes with each document in consecutive parts, such as a few long books for a
   * batch of many streams: the rows of {@link DocumentStreams} are in different parts.
   *
   * @param length the most bytes of a part
   * @throws IllegalArgumentException if the length is not positive
   */
  public Split inParts(long length) {
    if (length < 1) {
      throw new IllegalArgumentException(
          "the split %s cannot have parts of %d bytes; a part has at least 1"
              .formatted(name, length));
    }
    List<Document> parts = new ArrayList<>();
    for (Document document : documents) {
      for (long from = 0; from < document.length(); from += length) {
        long count = Math.min(length, document.length() - from);
        parts.add(document.part(document.name() + " from " + from, from, count));
      }
    }
    return new Split(name, parts);
  }

  /** Name, number of documents and bytes on one line. */
  @Override
  public String toString() {
    int n = documents.size();
    return "%s: %d %s, %,d bytes".formatted(name, n, n == 1 ? "document" : "documents", bytes());
  }

  /** Refuses window lengths that make no sense and splits with nothing to read. */
  void checkWindows(int windowLength) {
    if (windowLength < 1) {
      throw new IllegalArgumentException(
          "the window is " + windowLength + " bytes long; it must be at least 1");
    }
    if (documents.isEmpty()) {
      throw new IllegalArgumentException(
          "the split " + name + " has no documents; use another split, or add files to its folder");
    }
  }
}
