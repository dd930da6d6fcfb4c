package org.megalab.kernel;

import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Map;
import jdk.jshell.execution.LocalExecutionControl;
import jdk.jshell.spi.ExecutionControl;
import jdk.jshell.spi.ExecutionControlProvider;
import jdk.jshell.spi.ExecutionEnv;
import org.jspecify.annotations.Nullable;

/**
 * Runs JShell's snippets on the cell thread of this very process, so that notebook code and the
 * library share classes and natives, and keeps the values that JShell only passes on as text.
 */
final class CellExecution extends LocalExecutionControl {
  /** JDK 21 and later weave checks of this class into snippets, as they cannot stop threads. */
  private static final String CANCEL_CLASS = "REPL.$Cancel$";

  private final CellThread cells;
  private @Nullable Field allStop;
  private boolean cancelClassSought;
  private @Nullable Object lastValue;
  private @Nullable Throwable lastFailure;
  private boolean lastStopped;
  private @Nullable Field lastField;

  CellExecution(CellThread cells) {
    this.cells = cells;
    cells.onStop(this::stop);
  }

  /** A provider that hands out this one object. */
  ExecutionControlProvider provider() {
    return new ExecutionControlProvider() {
      @Override
      public String name() {
        return "megalab";
      }

      @Override
      public ExecutionControl generate(ExecutionEnv env, Map<String, String> parameters) {
        return CellExecution.this;
      }
    };
  }

  /** The value of the snippet that ran last; the reference is given up. */
  @Nullable Object takeValue() {
    Object value = lastValue;
    lastValue = null;
    return value;
  }

  /** What the snippet that ran last threw; the reference is given up. */
  @Nullable Throwable takeFailure() {
    Throwable failure = lastFailure;
    lastFailure = null;
    return failure;
  }

  /** Whether the snippet that ran last was stopped before its end. */
  boolean wasStopped() {
    return lastStopped;
  }

  /** The field that {@link #varValue} found last. */
  @Nullable Field takeField() {
    Field field = lastField;
    lastField = null;
    return field;
  }

  @Override
  protected String invoke(Method method) throws Exception {
    prepareCancelling();
    lastValue = null;
    lastFailure = null;
    try {
      lastValue = cells.user(() -> method.invoke(null));
      lastStopped = false;
      return "";
    } catch (InterruptedException | ThreadDeath e) {
      lastStopped = true;
      throw new StoppedException();
    } catch (InvocationTargetException e) {
      lastFailure = e.getCause();
      lastStopped = lastFailure instanceof ThreadDeath;
      if (lastStopped) {
        throw new StoppedException();
      }
      throw e;
    }
  }

  /** Finds a variable's field instead of turning its value into text. */
  @Override
  public String varValue(String className, String varName) throws InternalException {
    try {
      Field field = findClass(className).getDeclaredField(varName);
      field.setAccessible(true);
      lastField = field;
      return "";
    } catch (ReflectiveOperationException e) {
      throw new InternalException(e.toString());
    }
  }

  /** Ends user code that ignores its interrupt flag. */
  @Override
  @SuppressWarnings("deprecation") // nothing else ends a busy loop before JDK 20
  public void stop() {
    try {
      if (allStop != null) {
        allStop.set(null, true);
      } else {
        cells.thread().stop();
      }
    } catch (IllegalAccessException | UnsupportedOperationException e) {
      System.err.println(
          "This Java cannot stop a busy thread. Restart the kernel, or let the loop test "
              + "Thread.currentThread().isInterrupted().");
    }
  }

  private void prepareCancelling() throws Exception {
    if (!cancelClassSought) {
      cancelClassSought = true;
      Method nothing = CellExecution.class.getDeclaredMethod("nothing");
      nothing.setAccessible(true);
      super.invoke(nothing);
      try {
        allStop = findClass(CANCEL_CLASS).getDeclaredField("allStop");
      } catch (ReflectiveOperationException e) {
        allStop = null; // an older JDK: Thread.stop works
      }
    }
    if (allStop != null && !cells.isInterrupted()) {
      allStop.set(null, false);
    }
  }

  /** Invoked once, so that the superclass loads what its woven checks call. */
  static void nothing() {}
}
