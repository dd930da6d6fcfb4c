package org.megalab.kernel;

import io.github.spencerpark.jupyter.channels.ShellReplyEnvironment;
import io.github.spencerpark.jupyter.messages.ContentType;
import io.github.spencerpark.jupyter.messages.Message;
import io.github.spencerpark.jupyter.messages.publish.PublishStream.StreamType;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Sends what the base library's display and input streams produce to the calling thread's cell. */
final class CellEnvironment extends ShellReplyEnvironment {
  /** Asks the user; null if there is no answer to be had. */
  @FunctionalInterface
  interface Input {
    @Nullable String readLine(String prompt, boolean password);
  }

  private final Input input;

  CellEnvironment(IoPub publisher, Input input) {
    super(null, null, publisher, null);
    this.input = input;
  }

  @Override
  public void publish(Message<?> message) {
    Cell cell = Cell.current();
    if (cell != null) {
      cell.publish(message);
    }
  }

  @Override
  public <T extends ContentType<T>> void publish(T content) {
    Cell cell = Cell.current();
    if (cell != null) {
      cell.publish(content);
    }
  }

  @Override
  public void writeToStdOut(String text) {
    print(StreamType.OUT, text);
  }

  @Override
  public void writeToStdErr(String text) {
    print(StreamType.ERR, text);
  }

  private static void print(StreamType stream, String text) {
    Cell cell = Cell.current();
    if (cell != null) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      cell.print(stream, bytes, 0, bytes.length);
    }
  }

  @Override
  public String readFromStdIn(String prompt, boolean password) {
    String line = input.readLine(prompt, password);
    return line == null ? "" : line;
  }
}
