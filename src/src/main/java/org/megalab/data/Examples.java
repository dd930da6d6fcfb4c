package org.megalab.data;

import java.util.List;
import java.util.function.IntFunction;

/** Examples of one split that are read, or made, at any index and from any thread. */
public interface Examples {

  /** The number of examples. */
  int size();

  /**
   * Reads an example.
   *
   * @param index from 0 on
   * @throws IndexOutOfBoundsException if there is no such example
   * @throws java.io.UncheckedIOException if it cannot be read, or is there no more; the message
   *     names the file
   */
  Example get(int index);

  /** Examples in memory. */
  static Examples of(List<Example> examples) {
    List<Example> copy = List.copyOf(examples);
    return of(copy.size(), copy::get);
  }

  /** Examples that a function reads or makes; it gives the same example whenever it is asked. */
  static Examples of(int size, IntFunction<Example> reader) {
    return new Examples() {
      @Override
      public int size() {
        return size;
      }

      @Override
      public Example get(int index) {
        if (index < 0 || index >= size) {
          throw new IndexOutOfBoundsException(
              "there is no example " + index + "; there are " + size);
        }
        return reader.apply(index);
      }
    };
  }

  /** No examples. */
  static Examples none() {
    return of(List.of());
  }
}
