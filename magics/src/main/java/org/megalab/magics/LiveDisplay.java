package org.megalab.magics;

import io.github.spencerpark.jupyter.channels.DefaultReplyEnvironment;
import io.github.spencerpark.jupyter.channels.ReplyEnvironment;
import io.github.spencerpark.jupyter.channels.ShellReplyEnvironment;
import io.github.spencerpark.jupyter.kernel.BaseKernel;
import io.github.spencerpark.jupyter.kernel.DisplayStream;
import io.github.spencerpark.jupyter.kernel.display.DisplayData;
import io.github.spencerpark.jupyter.messages.publish.PublishDisplayData;
import io.github.spencerpark.jupyter.messages.publish.PublishUpdateDisplayData;
import java.lang.reflect.Field;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One display that is updated in place. It belongs to the cell in which it was created, also when
 * it is updated by another thread while other cells run, or none.
 */
final class LiveDisplay {

  private final @Nullable ReplyEnvironment cell;
  private final String id = UUID.randomUUID().toString();
  private boolean shown;

  LiveDisplay(BaseKernel kernel) {
    cell = environment(kernel);
  }

  /**
   * The base library publishes to whichever cell runs now, and to nobody when none does; a display
   * that outlives its cell must keep the cell's own environment. It is in a private field.
   */
  private static @Nullable ReplyEnvironment environment(BaseKernel kernel) {
    try {
      Field field = DisplayStream.class.getDeclaredField("env");
      field.setAccessible(true);
      ShellReplyEnvironment now = (ShellReplyEnvironment) field.get(kernel.getIO().display);
      return now == null || now.getContext() == null
          ? now
          : new DefaultReplyEnvironment(now.getShell(), now.getIopub(), now.getContext());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this jupyter-jvm-basekernel is not version 2.3.0", e);
    }
  }

  /** Shows text and its HTML form in place of what was shown before. */
  void show(String text, String html) {
    DisplayData data = new DisplayData(text);
    data.putHTML(html);
    show(data);
  }

  /** Shows data in place of what was shown before. */
  synchronized void show(DisplayData data) {
    if (cell == null) {
      return;
    }
    data.setDisplayId(id);
    boolean interrupted = Thread.interrupted(); // sockets break under an interrupted thread
    try {
      if (shown) {
        cell.publish(new PublishUpdateDisplayData(data));
      } else {
        cell.publish(new PublishDisplayData(data));
      }
      shown = true;
    } catch (RuntimeException gone) {
      // The client or the kernel's socket is gone; what is shown goes on without its audience.
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
