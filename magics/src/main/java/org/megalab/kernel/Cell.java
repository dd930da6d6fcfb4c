package org.megalab.kernel;

import io.github.spencerpark.jupyter.messages.ContentType;
import io.github.spencerpark.jupyter.messages.Message;
import io.github.spencerpark.jupyter.messages.MessageContext;
import io.github.spencerpark.jupyter.messages.publish.PublishStream;
import io.github.spencerpark.jupyter.messages.publish.PublishStream.StreamType;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ForkJoinWorkerThread;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One execution of a cell, and where its output goes.
 *
 * <p>Threads inherit the cell that started them, so what a background thread prints later still
 * appears below that cell and never below the next one. Workers of a {@code ForkJoinPool} outlive
 * cells and serve whichever cell runs.
 *
 * <p>Printed text is collected and published every {@value #FLUSH_MILLIS} ms, every {@value
 * #FLUSH_BYTES} bytes, before anything is displayed, and at the end of the cell.
 */
final class Cell {
  static final int FLUSH_MILLIS = 50;
  static final int FLUSH_BYTES = 8 * 1024;

  private static final InheritableThreadLocal<@Nullable Cell> OWNER =
      new InheritableThreadLocal<>();
  private static volatile @Nullable Cell running;

  private final MessageContext request;
  private final IoPub iopub;
  private final ScheduledExecutorService timer;
  private final CellThread cells;
  private final boolean inputAllowed;
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream(FLUSH_BYTES);
  private StreamType stream = StreamType.OUT;
  private boolean flushScheduled;

  Cell(MessageContext request, IoPub iopub, JavaKernel kernel, boolean inputAllowed) {
    this.request = request;
    this.iopub = iopub;
    this.timer = kernel.timer();
    this.cells = kernel.cells();
    this.inputAllowed = inputAllowed;
  }

  /** The cell whose output the calling thread produces; null before the first one. */
  static @Nullable Cell current() {
    Cell own = OWNER.get();
    return own == null || Thread.currentThread() instanceof ForkJoinWorkerThread ? running : own;
  }

  /** Makes this the cell of the calling thread and of the threads it starts. */
  void enter() {
    OWNER.set(this);
    running = this;
  }

  MessageContext request() {
    return request;
  }

  boolean inputAllowed() {
    return inputAllowed;
  }

  /** Takes printed text; a cell that is being stopped ends after it, not within. */
  void print(StreamType to, byte[] bytes, int offset, int length) {
    cells.uninterrupted(
        () -> {
          iopub.awaitRoom();
          collect(to, bytes, offset, length);
        });
  }

  private synchronized void collect(StreamType to, byte[] bytes, int offset, int length) {
    if (to != stream) {
      flush(true);
      stream = to;
    }
    printed.write(bytes, offset, length);
    if (printed.size() >= FLUSH_BYTES) {
      flush(false);
    } else if (!flushScheduled) {
      flushScheduled = true;
      Future<?> unused = timer.schedule(this::flushOnTime, FLUSH_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  <T extends ContentType<T>> void publish(T content) {
    publish(new Message<>(request, content.getType(), content));
  }

  void publish(Message<?> message) {
    cells.uninterrupted(() -> flushAndSend(message));
  }

  private synchronized void flushAndSend(Message<?> message) {
    flush(true);
    iopub.sendMessage(message);
  }

  synchronized void flush() {
    flush(true);
  }

  private synchronized void flushOnTime() {
    flushScheduled = false;
    flush(false);
  }

  /**
   * Publishes what was printed; a character whose last bytes are missing waits unless {@code all}.
   */
  private void flush(boolean all) {
    byte[] bytes = printed.toByteArray();
    int length = all ? bytes.length : wholeCharacters(bytes);
    if (length == 0) {
      return;
    }
    printed.reset();
    printed.write(bytes, length, bytes.length - length);
    String text = new String(bytes, 0, length, StandardCharsets.UTF_8);
    PublishStream content = new PublishStream(stream, text);
    iopub.sendMessage(new Message<>(request, content.getType(), content));
  }

  /** How many of the bytes form complete UTF-8 characters. */
  static int wholeCharacters(byte[] bytes) {
    for (int back = 1; back <= Math.min(3, bytes.length); back++) {
      int b = bytes[bytes.length - back] & 0xFF;
      if (b >= 0xC0) {
        int needed = b >= 0xF0 ? 4 : b >= 0xE0 ? 3 : 2;
        return needed > back ? bytes.length - back : bytes.length;
      }
      if (b < 0x80) {
        break;
      }
    }
    return bytes.length;
  }
}
