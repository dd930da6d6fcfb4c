package org.megalab.data;

/**
 * A question and its answer, both as bytes: an image and its class, an expression and its value, a
 * text to copy and the copy.
 *
 * <p>A language model reads the input and predicts the target after it, which alone counts; a
 * classifier reads the input, and the target is the number of a class.
 *
 * @param input the question; not copied
 * @param target the answer, at least one byte; not copied
 */
@SuppressWarnings("ArrayRecordComponent") // examples are never compared
public record Example(byte[] input, byte[] target) {

  /**
   * Checks the target.
   *
   * @throws IllegalArgumentException if there is no target
   */
  public Example {
    if (target.length == 0) {
      throw new IllegalArgumentException(
          "an example of " + input.length + " bytes has no target; give at least one byte");
    }
  }

  /**
   * Returns an example of a class. The target is the number of the class as one byte, or as two,
   * the more significant first, where there are more than 256 classes.
   *
   * @param input the sequence
   * @param label the class, from 0 on
   * @param classes the number of classes
   * @throws IllegalArgumentException if there is no such class, or there are more than 65,536
   */
  public static Example labelled(byte[] input, int label, int classes) {
    if (label < 0 || label >= classes || classes > 1 << 16) {
      throw new IllegalArgumentException(
          "the label is "
              + label
              + " of "
              + classes
              + " classes; it must be between 0 and the number of classes − 1, and these at most 65536");
    }
    return new Example(
        input,
        classes > 256 ? new byte[] {(byte) (label >> 8), (byte) label} : new byte[] {(byte) label});
  }

  /**
   * Returns the class that the target names.
   *
   * @throws IllegalStateException if the target is longer than the number of a class
   */
  public int label() {
    if (target.length > 2) {
      throw new IllegalStateException(
          "a target of "
              + target.length
              + " bytes is no class; only a language model can learn it");
    }
    return target.length == 1 ? target[0] & 0xFF : (target[0] & 0xFF) << 8 | target[1] & 0xFF;
  }
}
