package org.megalab.model;

import ai.djl.ndarray.NDArray;

/**
 * A model in the middle of B sequences: feeding symbols in any split gives the logits of one full
 * forward pass, within float rounding.
 */
public interface DecodingState extends AutoCloseable {

  /**
   * Returns the logits (B, V) of the next symbol. The array belongs to the state and is valid until
   * symbols are fed.
   *
   * @throws IllegalStateException if the state is full, or a call failed half-way
   */
  NDArray next();

  /**
   * Consumes the next n symbols.
   *
   * @param ids (B, n) int64
   * @return the logits (B, n, V) that the model had for these symbols before it saw them, rows
   *     {@link #position()} … position + n − 1 of the full forward; owned by the manager of the ids
   * @throws IllegalArgumentException if the ids have another batch size, are not all symbols, or do
   *     not fit into what is left of the {@link #capacity()}; the state is then unchanged
   * @throws IllegalStateException if an earlier call failed half-way, such as for want of memory;
   *     {@link #reset()} makes the state usable again
   */
  NDArray feed(NDArray ids);

  /**
   * Consumes the next n bytes of each sequence, as {@link #feed} does, but returns nothing and is
   * faster: what writes byte by byte calls this.
   *
   * @param rows B rows of n bytes
   * @throws IllegalArgumentException if there are not B rows of equal length, a byte is no symbol,
   *     or they do not fit into what is left of the {@link #capacity()}; the state is then
   *     unchanged
   * @throws IllegalStateException as {@link #feed} does
   */
  void read(byte[]... rows);

  /** Returns how many symbols each sequence has so far. */
  long position();

  /** Returns the largest number of symbols that the state can hold. */
  long capacity();

  /** Forgets all symbols and starts again, keeping the memory. */
  void reset();

  /** Frees the state's memory. */
  @Override
  void close();
}
