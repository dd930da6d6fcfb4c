package org.megalab.generate;

import ai.djl.ndarray.NDManager;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.IntConsumer;
import org.megalab.model.DecodingState;
import org.megalab.model.SequenceModel;
import org.megalab.torchscript.Tensors;

/**
 * Writes bytes with a model, one after the other, with its decoding state.
 *
 * <pre>
 * var generator = new Generator(model, Sampling.builder().optTemperature(0.8).build());
 * String text = generator.generate("Call me ".getBytes(UTF_8), 400).text();
 * </pre>
 *
 * <p>When the context is full, the state starts again from the newest half of it. An interrupt of
 * the thread ends generation after the byte under way; what was written is returned.
 */
public final class Generator {

  private final SequenceModel model;
  private final Sampling sampling;

  /**
   * Creates a generator.
   *
   * @throws IllegalArgumentException if the model's symbols are not bytes
   */
  public Generator(SequenceModel model, Sampling sampling) {
    if (model.config().vocabularySize() > 256) {
      throw new IllegalArgumentException(
          "generation writes bytes, and the model has "
              + model.config().vocabularySize()
              + " symbols; at most 256 are allowed");
    }
    this.model = model;
    this.sampling = sampling;
  }

  /** Writes {@code length} bytes after a prompt, which may be empty. */
  public Generation generate(byte[] prompt, int length) {
    return generate(prompt, length, b -> {});
  }

  /**
   * Writes bytes after a prompt and hands out each as soon as it is there.
   *
   * @param prompt what the model reads first; may be empty, of a long one the newest half of the
   *     context counts
   * @param length how many bytes to write
   * @param sink takes each byte, 0 to 255, such as {@link Utf8Stream}
   */
  public Generation generate(byte[] prompt, int length, IntConsumer sink) {
    if (length < 0) {
      throw new IllegalArgumentException("the length must not be negative, got " + length);
    }
    SplittableRandom random = new SplittableRandom(sampling.seed());
    ByteArrayOutputStream history = new ByteArrayOutputStream();
    history.writeBytes(prompt);
    boolean interrupted = false;
    int written = 0;
    try (DecodingState state = model.newDecodingState(1)) {
      read(state, prompt);
      long start = System.nanoTime();
      while (written < length && !interrupted) {
        int next = sampling.draw(logits(state), random);
        history.write(next);
        written++;
        sink.accept(next);
        interrupted = Thread.currentThread().isInterrupted();
        if (written < length && !interrupted) {
          if (state.position() + 1 < state.capacity()) {
            feed(state, new byte[] {(byte) next});
          } else {
            read(state, history.toByteArray());
          }
        }
      }
      byte[] all = history.toByteArray();
      return new Generation(
          Arrays.copyOfRange(all, prompt.length, all.length),
          (System.nanoTime() - start) / 1e9,
          interrupted);
    }
  }

  /** Starts the state again with as much of the newest bytes as leaves half the context free. */
  private void read(DecodingState state, byte[] bytes) {
    state.reset();
    long room = bytes.length < state.capacity() ? bytes.length : state.capacity() / 2;
    if (room > 0) {
      feed(state, Arrays.copyOfRange(bytes, bytes.length - (int) room, bytes.length));
    }
  }

  private void feed(DecodingState state, byte[] bytes) {
    try (NDManager step = model.manager().newSubManager()) {
      state.feed(SequenceModel.ids(step, bytes)).close();
    }
  }

  private static float[] logits(DecodingState state) {
    return Tensors.floats(state.next()); // (1, V)
  }
}
