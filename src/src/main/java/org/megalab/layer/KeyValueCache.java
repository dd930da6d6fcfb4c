package org.megalab.layer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;

/**
 * Keys and values of one attention layer for the positions seen so far: two arrays (B, H, capacity,
 * d), of which the first {@link #length()} positions are filled.
 */
public final class KeyValueCache {

  private final NDArray keys;
  private final NDArray values;
  private final int capacity;
  private int length;

  /** Allocates the cache once, for all positions that it may ever hold. */
  public KeyValueCache(
      NDManager manager, DataType type, int batch, int heads, int capacity, int headDim) {
    Shape shape = new Shape(batch, heads, capacity, headDim);
    this.keys = manager.zeros(shape, type);
    this.values = manager.zeros(shape, type);
    this.capacity = capacity;
  }

  NDArray keys() {
    return keys;
  }

  NDArray values() {
    return values;
  }

  /** Returns how many positions are filled, which is the position of the next entry. */
  public int length() {
    return length;
  }

  /** Forgets all positions, keeping the memory. */
  public void clear() {
    length = 0;
  }

  /**
   * Takes room for more positions.
   *
   * @return the position of the first of them
   * @throws IllegalStateException if they do not fit
   */
  int reserve(int positions) {
    if (length + positions > capacity) {
      throw new IllegalStateException(
          "the key-value cache holds "
              + capacity
              + " positions and "
              + (length + positions)
              + " were asked for");
    }
    int first = length;
    length += positions;
    return first;
  }
}
