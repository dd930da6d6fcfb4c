package org.megalab.train;

import org.megalab.data.file.Document;

/**
 * A document that does something behind each reading.
 *
 * @param document what is read
 * @param watch what is done
 */
record WatchedDocument(Document document, Runnable watch) implements Document {
  @Override
  public String name() {
    return document.name();
  }

  @Override
  public long length() {
    return document.length();
  }

  @Override
  public void read(long offset, byte[] into, int from, int count) {
    document.read(offset, into, from, count);
    watch.run();
  }
}
