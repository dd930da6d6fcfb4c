package org.megalab.generate;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/**
 * Turns bytes that come one by one into text: a character is handed on when its last byte is there,
 * and what is not UTF-8 becomes U+FFFD. Close it to get what is left of a cut-off character.
 */
public final class Utf8Stream implements IntConsumer, AutoCloseable {

  private final CharsetDecoder decoder =
      StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPLACE)
          .onUnmappableCharacter(CodingErrorAction.REPLACE);
  private final ByteBuffer pending = ByteBuffer.allocate(8);
  private final CharBuffer decoded = CharBuffer.allocate(16);
  private final Consumer<String> out;

  /** Creates a stream that hands text to {@code out}, such as {@code System.out::print}. */
  public Utf8Stream(Consumer<String> out) {
    this.out = out;
  }

  @Override
  public void accept(int b) {
    pending.put((byte) b);
    decode(false);
  }

  /** Hands on what is left. */
  @Override
  public void close() {
    decode(true);
    decoder.flush(decoded);
    emit();
    decoder.reset();
  }

  private void decode(boolean end) {
    pending.flip();
    decoder.decode(pending, decoded, end);
    pending.compact();
    emit();
  }

  private void emit() {
    decoded.flip();
    if (decoded.hasRemaining()) {
      out.accept(decoded.toString());
    }
    decoded.clear();
  }
}
