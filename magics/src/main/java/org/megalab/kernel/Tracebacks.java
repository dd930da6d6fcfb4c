package org.megalab.kernel;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jdk.jshell.Diag;
import jdk.jshell.EvalException;
import jdk.jshell.JShellException;
import jdk.jshell.UnresolvedReferenceException;
import org.jspecify.annotations.Nullable;

/** Words errors in terms of cells and their lines. */
final class Tracebacks {
  private static final Pattern WRAPPER = Pattern.compile("REPL\\.\\$JShell\\$\\w+\\$");
  private static final Pattern LAMBDA = Pattern.compile("lambda\\$(\\w+?)\\$+\\d+");

  /** What lies between a cell and the magic or code that it called. */
  private static final List<String> INTERNAL =
      List.of(
          "org.megalab.kernel.",
          "org.megalab.magics.",
          "io.github.spencerpark.jupyter.",
          "jdk.jshell.",
          "jdk.internal.reflect.",
          "java.lang.reflect.");

  private static final int MAX_FRAMES = 40;
  private static final int MAX_EXCERPTS = 5;
  private static final String EXCERPT = "        ";
  private static final String RED = "\u001b[31m";
  private static final String BOLD_RED = "\u001b[1;31m";
  private static final String BOLD = "\u001b[1m";
  private static final String RESET = "\u001b[0m";

  /** Where a snippet stands: the cell's number, the first line, the cell's own text. */
  record Origin(int cell, int firstLine, List<String> lines) {
    String lineText(int snippetLine) {
      int index = firstLine + snippetLine - 2;
      return index >= 0 && index < lines.size() ? lines.get(index) : "";
    }

    String place(int snippetLine) {
      return "cell %d, line %d".formatted(cell, firstLine + snippetLine - 1);
    }
  }

  private final Map<String, Origin> origins = new HashMap<>();

  void remember(String snippetId, Origin origin) {
    origins.put(snippetId, origin);
  }

  /** Where a snippet stands; {@code otherwise} if it is not known. */
  Origin origin(String snippetId, Origin otherwise) {
    return origins.getOrDefault(snippetId, otherwise);
  }

  /** A failure of the compiler's diagnostics; the first error gives the message. */
  CellFailure compileError(List<Diag> diagnostics, String snippet, Origin origin) {
    List<String> traceback = new ArrayList<>();
    List<Diag> errors = diagnostics.stream().filter(Diag::isError).toList();
    String first = "the cell is not valid Java";
    for (Diag error : errors) {
      String message =
          WRAPPER
              .matcher(error.getMessage(Locale.ROOT))
              .replaceAll("")
              .replaceAll("\n\\s*location: class\\s*$", "");
      if (traceback.isEmpty()) {
        first = message.lines().findFirst().orElse(first);
      }
      traceback.addAll(located(error, snippet, origin));
      message.lines().forEach(line -> traceback.add(RED + line + RESET));
    }
    traceback.add(0, BOLD_RED + "CompileError" + RESET + ": " + first);
    return new CellFailure("CompileError", first, traceback);
  }

  /** The place, the cell's line and a caret line below it. */
  private static List<String> located(Diag error, String snippet, Origin origin) {
    int position = Math.max(0, Math.min((int) error.getPosition(), snippet.length()));
    int start = clamp(error.getStartPosition(), position, snippet);
    int end = Math.max(clamp(error.getEndPosition(), position, snippet), start + 1);
    int lineStart = snippet.lastIndexOf('\n', start - 1) + 1;
    int snippetLine =
        1 + (int) snippet.substring(0, lineStart).chars().filter(c -> c == '\n').count();
    int newline = snippet.indexOf('\n', lineStart);
    String compiled = snippet.substring(lineStart, newline < 0 ? snippet.length() : newline);
    String shown = origin.lineText(snippetLine);
    List<String> lines = new ArrayList<>();
    lines.add(BOLD + origin.place(snippetLine) + RESET);
    lines.add(shown);
    int column = shown.startsWith(compiled) ? 0 : shown.indexOf(compiled.strip());
    int indent = shown.startsWith(compiled) ? 0 : column - leadingSpaces(compiled);
    if (column >= 0) {
      int from = Math.max(0, start - lineStart + indent);
      int to = Math.max(from + 1, Math.min(end - lineStart + indent, shown.length()));
      lines.add(" ".repeat(from) + RED + "^".repeat(to - from) + RESET);
    }
    return lines;
  }

  private static int clamp(long position, int otherwise, String snippet) {
    return position == Diag.NOPOS
        ? otherwise
        : (int) Math.max(0, Math.min(position, snippet.length()));
  }

  private static int leadingSpaces(String line) {
    return line.length() - line.stripLeading().length();
  }

  /** A failure that user code threw, with its causes. */
  CellFailure thrown(JShellException exception, @Nullable Throwable original) {
    List<String> traceback = new ArrayList<>();
    if (original instanceof CellFailure inner) { // of code that the cell had evaluated
      traceback.addAll(inner.traceback());
      traceback.add("evaluated by");
      frames(exception, traceback);
      return new CellFailure(inner.errorName(), inner.errorValue(), traceback, inner);
    }
    String name = name(exception);
    Throwable current = exception;
    for (int depth = 0; current != null && depth < 20; depth++) {
      String cause = depth > 0 ? "Caused by: " : "";
      traceback.add(cause + BOLD_RED + name(current) + RESET + ": " + message(current));
      frames(current, traceback);
      current = current.getCause() == current ? null : current.getCause();
    }
    return original == null
        ? new CellFailure(name, message(exception), traceback)
        : new CellFailure(name, message(exception), traceback, original);
  }

  private static String name(Throwable throwable) {
    return throwable instanceof EvalException e
        ? plainName(e.getExceptionClassName())
        : throwable instanceof UnresolvedReferenceException
            ? "CompileError"
            : throwable.getClass().getName();
  }

  /** Frames, the text of the first few lines of cells among them; repetitions are counted. */
  private void frames(Throwable throwable, List<String> traceback) {
    Set<String> shown = new HashSet<>();
    String last = "";
    int repeated = 0;
    int count = 0;
    for (StackTraceElement frame : throwable.getStackTrace()) {
      if (INTERNAL.stream().anyMatch(frame.getClassName()::startsWith)) {
        continue;
      }
      Origin origin = origin(frame);
      String line = "    at " + place(frame, origin);
      if (line.equals(last)) {
        repeated++;
        continue;
      }
      addRepeated(repeated, traceback);
      repeated = 0;
      last = line;
      if (++count > MAX_FRAMES) {
        traceback.add("    ...");
        return;
      }
      traceback.add(line);
      if (origin != null && shown.size() < MAX_EXCERPTS && shown.add(line)) {
        String text = origin.lineText(frame.getLineNumber()).strip();
        traceback.add(EXCERPT + text);
        traceback.add(EXCERPT + RED + "^".repeat(Math.max(1, text.length())) + RESET);
      }
    }
    addRepeated(repeated, traceback);
  }

  private static void addRepeated(int times, List<String> traceback) {
    if (times > 0) {
      traceback.add("    ... %d more times".formatted(times));
    }
  }

  private static String message(Throwable throwable) {
    if (throwable instanceof UnresolvedReferenceException unresolved) {
      return "%s uses something that is not defined yet"
          .formatted(unresolved.getSnippet().source().lines().findFirst().orElse("").strip());
    }
    return throwable.getMessage() == null ? "" : throwable.getMessage();
  }

  private @Nullable Origin origin(StackTraceElement frame) {
    String file = frame.getFileName();
    return file == null || !file.startsWith("#") ? null : origins.get(file.substring(1));
  }

  private static String place(StackTraceElement frame, @Nullable Origin origin) {
    if (origin == null) {
      return plainName(frame.toString());
    }
    String method = frame.getMethodName();
    String type = plainName(frame.getClassName()).replace('$', '.');
    String where = origin.place(frame.getLineNumber());
    Matcher lambda = LAMBDA.matcher(method);
    if (lambda.matches()) {
      boolean inMethod = !lambda.group(1).startsWith("do_it");
      return "lambda" + (inMethod ? " in " + lambda.group(1) : "") + " (" + where + ")";
    }
    if (method.equals("<init>")) {
      return "new " + type + " (" + where + ")";
    }
    if (method.isEmpty() || method.startsWith("do_it$")) {
      return where;
    }
    return (type.isEmpty() ? method : type + "." + method) + " (" + where + ")";
  }

  private static String plainName(String className) {
    return WRAPPER.matcher(className).replaceAll("");
  }

  /** A failure outside user code: the compiler or the kernel ran out of stack or memory. */
  static CellFailure internal(Throwable thrown) {
    Throwable error = thrown;
    while (error.getCause() != null) {
      error = error.getCause();
    }
    String message = error.getMessage() == null ? "" : error.getMessage();
    List<String> traceback = new ArrayList<>();
    traceback.add(BOLD_RED + error.getClass().getName() + RESET + ": " + message);
    traceback.add(
        error instanceof StackOverflowError
            ? "The compiler ran out of stack: the cell nests too deeply. Split the expression."
            : "This happened outside the cell's own code. The kernel goes on.");
    StackTraceElement[] frames = error.getStackTrace();
    for (int i = 0; i < Math.min(8, frames.length); i++) {
      traceback.add("    at " + frames[i]);
    }
    return new CellFailure(error.getClass().getName(), message, traceback, error);
  }

  /** What a cell magic threw, with its causes; frames are left out, they are not the user's. */
  static CellFailure magic(Throwable error) {
    String name = error.getClass().getName();
    String message = error.getMessage() == null ? "" : error.getMessage();
    List<String> traceback = new ArrayList<>();
    traceback.add(BOLD_RED + name + RESET + ": " + message);
    Throwable cause = error.getCause();
    for (int depth = 0; cause != null && depth < 20; depth++, cause = cause.getCause()) {
      traceback.add("Caused by: " + cause);
    }
    return new CellFailure(name, message, traceback, error);
  }

  /** The failure of a cell that ended because it was asked to. */
  static CellFailure interrupted(@Nullable CellFailure underlying) {
    List<String> traceback = new ArrayList<>();
    traceback.add(BOLD_RED + "Interrupted" + RESET + ": the cell was interrupted");
    if (underlying != null) {
      traceback.addAll(underlying.traceback());
    }
    return new CellFailure("Interrupted", "the cell was interrupted", traceback);
  }
}
