package org.megalab.data.file;

import java.util.AbstractList;
import java.util.RandomAccess;
import java.util.function.IntFunction;

/**
 * Documents that lie one behind the other in a file: an immutable list that holds a number a
 * document and makes the rest when it is asked.
 */
public final class SpooledDocuments extends AbstractList<Document> implements RandomAccess {
  private final Document whole;
  private final long[] ends;
  private final IntFunction<String> names;

  SpooledDocuments(Document whole, long[] ends, IntFunction<String> names) {
    this.whole = whole;
    this.ends = ends;
    this.names = names;
  }

  @Override
  public Document get(int index) {
    long start = index == 0 ? 0 : ends[index - 1];
    return new DocumentPart(names.apply(index), whole, start, ends[index] - start);
  }

  @Override
  public int size() {
    return ends.length;
  }
}
