package org.megalab.torchscript;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A TorchScript file that did not compile, or a call into one that failed. */
public final class ScriptException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** The frames of libtorch's traceback: {@code File "code/__torch__/attention.py", line 12}. */
  private static final Pattern FRAME =
      Pattern.compile("File \"code/__torch__/(\\w+)\\.py\", line (\\d+)");

  private final String file;
  private final int line;
  private final String text;

  ScriptException(String file, int line, String text, String problem) {
    super(
        (line > 0 ? file + ", line " + line + ": " : file + ": ")
            + problem
            + (text.isBlank() ? "" : "\n    " + text.strip()));
    this.file = file;
    this.line = line;
    this.text = text.strip();
  }

  /** Finds file, line and text of the innermost script frame in libtorch's message. */
  static ScriptException translate(Throwable cause, ScriptArchive archive) {
    String message = cause.getMessage() == null ? cause.toString() : cause.getMessage();
    Matcher frames = FRAME.matcher(message);
    String name = archive.name();
    int line = 0;
    while (frames.find()) {
      name = frames.group(1);
      line = Integer.parseInt(frames.group(2));
    }
    ScriptException translated =
        new ScriptException(name + ".py", line, archive.line(name, line), problem(message));
    translated.initCause(cause);
    return translated;
  }

  /** The sentence that says what went wrong, without libtorch's stack of C++ frames. */
  private static String problem(String message) {
    int runtime = message.lastIndexOf("Error: ");
    String tail = runtime >= 0 ? message.substring(runtime + 7) : message;
    String first =
        tail.lines()
            .map(String::strip)
            .filter(l -> !l.isEmpty() && !l.startsWith("Exception raised from"))
            .limit(3)
            .reduce((a, b) -> a + " " + b)
            .orElse(message);
    int trace = first.indexOf("Exception raised from");
    return trace > 0 ? first.substring(0, trace).strip() : first;
  }

  /** Returns the name of the script file, such as {@code attention.py}. */
  public String file() {
    return file;
  }

  /** Returns the line in {@link #file()}, counted from 1, or 0 when it is not known. */
  public int line() {
    return line;
  }

  /** Returns the text of that line. */
  public String text() {
    return text;
  }
}
