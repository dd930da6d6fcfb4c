package org.megalab.data;

import org.megalab.data.file.Document;

/** A picture as a sequence of bytes in the order of a scan, decoded when it is read. */
final class ImageDocument implements Document {
  private final PictureSource source;
  private final int index;
  private final ImageScan scan;

  ImageDocument(PictureSource source, int index, ImageScan scan) {
    this.source = source;
    this.index = index;
    this.scan = scan;
  }

  @Override
  public String name() {
    return source.name(index);
  }

  @Override
  public long length() {
    return scan.length();
  }

  @Override
  public void read(long offset, byte[] into, int from, int count) {
    Document.checkRange(this, offset, into, from, count);
    byte[] sequence = scan.fromRaster(source.raster(index));
    System.arraycopy(sequence, (int) offset, into, from, count);
  }

  @Override
  public String toString() {
    return "%s (%,d bytes)".formatted(name(), length());
  }
}
