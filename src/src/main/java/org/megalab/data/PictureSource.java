package org.megalab.data;

/** Square pictures in colour of one size, read at any index and from any thread. */
interface PictureSource {

  /** The number of pictures. */
  int size();

  /** The pixels a side of each. */
  int side();

  /** How a picture is called. */
  String name(int index);

  /** The bytes of a picture row by row, the colours of a pixel together: 3 · side² bytes. */
  byte[] raster(int index);
}
