package org.megalab.kernel;

import io.github.spencerpark.jupyter.kernel.display.DisplayData;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The functions that every cell can call without an import. */
public final class NotebookFunctions {
  private static volatile @Nullable JavaKernel kernel;

  private NotebookFunctions() {}

  static void bind(JavaKernel runningKernel) {
    kernel = runningKernel;
  }

  /** The kernel that runs this notebook. */
  public static JavaKernel getKernelInstance() {
    JavaKernel running = kernel;
    if (running == null) {
      throw new IllegalStateException(
          "No kernel runs in this process. These functions are for notebook cells.");
    }
    return running;
  }

  /** Renders a value in its preferred form. */
  public static DisplayData render(Object value) {
    return value instanceof DisplayData data
        ? data
        : getKernelInstance().getRenderer().render(value);
  }

  /** Renders a value as the given MIME types, where its renderer can. */
  public static DisplayData render(Object value, String... mimeTypes) {
    return getKernelInstance().getRenderer().renderAs(value, mimeTypes);
  }

  /**
   * Shows a value below the cell.
   *
   * @return the display's id, for {@link #updateDisplay}
   */
  public static String display(Object value) {
    return show(render(value));
  }

  /** Shows a value as the given MIME types; returns the display's id. */
  public static String display(Object value, String... mimeTypes) {
    return show(render(value, mimeTypes));
  }

  private static String show(DisplayData data) {
    if (!data.hasDisplayId()) {
      data.setDisplayId(UUID.randomUUID().toString());
    }
    String id = data.getDisplayId();
    getKernelInstance().display(data);
    getKernelInstance().rememberDisplay(id);
    return id;
  }

  /** Replaces what the display {@code id} shows. */
  public static void updateDisplay(String id, Object value) {
    getKernelInstance().getIO().display.updateDisplay(id, render(value));
  }

  /** Replaces what the display {@code id} shows, as the given MIME types. */
  public static void updateDisplay(String id, Object value, String... mimeTypes) {
    getKernelInstance().getIO().display.updateDisplay(id, render(value, mimeTypes));
  }

  /** Runs code as a cell would and returns its value. */
  public static @Nullable Object eval(String code) throws Exception {
    return getKernelInstance().evalRaw(code);
  }

  /** Calls {@code %name arguments}. */
  @SuppressWarnings("TypeParameterUnusedInFormals") // the caller's variable gives the type
  public static <T> T lineMagic(String name, List<String> arguments) throws Exception {
    return getKernelInstance().getMagics().applyLineMagic(name, arguments);
  }

  /** Calls {@code %%name arguments} with a body. */
  @SuppressWarnings("TypeParameterUnusedInFormals") // the caller's variable gives the type
  public static <T> T cellMagic(String name, List<String> arguments, String body) throws Exception {
    return getKernelInstance().getMagics().applyCellMagic(name, arguments, body);
  }
}
