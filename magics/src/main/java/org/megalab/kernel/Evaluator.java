package org.megalab.kernel;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import jdk.jshell.DeclarationSnippet;
import jdk.jshell.JShell;
import jdk.jshell.JShellException;
import jdk.jshell.PersistentSnippet;
import jdk.jshell.Snippet;
import jdk.jshell.Snippet.Status;
import jdk.jshell.Snippet.SubKind;
import jdk.jshell.SnippetEvent;
import jdk.jshell.SourceCodeAnalysis;
import jdk.jshell.SourceCodeAnalysis.Completeness;
import jdk.jshell.SourceCodeAnalysis.CompletionInfo;
import jdk.jshell.VarSnippet;
import org.jspecify.annotations.Nullable;

/** Compiles and runs Java snippet by snippet. */
final class Evaluator {
  /** Space and comments before a snippet: JShell counts lines from the first token. */
  private static final Pattern LEADING =
      Pattern.compile("\\A(?:\\s++|//[^\\n]*(?:\\n|\\z)|/\\*(?s:.*?)\\*/)*+");

  private final CellThread cells;
  private final CellExecution execution;
  private final JShell shell;
  private final SourceCodeAnalysis analysis;
  private final Variables variables;
  private final Tracebacks tracebacks = new Tracebacks();
  private Tracebacks.Origin origin = new Tracebacks.Origin(0, 1, List.of());
  private int snippetCount;

  /** Starts JShell; cells compile against the class path of this process. */
  Evaluator(CellThread cells, List<String> compilerOptions) {
    this.cells = cells;
    this.execution = new CellExecution(cells);
    this.shell =
        JShell.builder()
            .executionEngine(execution.provider(), Map.of())
            .compilerOptions(compilerOptions.toArray(String[]::new))
            .idGenerator((snippet, index) -> nextId())
            .build();
    this.analysis = shell.sourceCodeAnalysis();
    this.variables = new Variables(shell, execution);
  }

  /** What a cell came to: the last snippet's value, and whether it is a result to show. */
  record Value(@Nullable Object object, boolean shown) {
    static final Value NONE = new Value(null, false);
  }

  JShell shell() {
    return shell;
  }

  SourceCodeAnalysis analysis() {
    return analysis;
  }

  void addToClasspath(String path) {
    shell.addToClasspath(path);
  }

  /**
   * Runs {@code code}, which is {@code cell} with its magics rewritten, line by line the same.
   *
   * @param number the cell's number in error messages
   */
  Value eval(String code, String cell, int number) throws Exception {
    List<String> lines = cell.lines().toList();
    List<Snippet> unresolved = new ArrayList<>();
    Value value = Value.NONE;
    String rest = code;
    while (!rest.isBlank()) {
      String remaining = rest;
      CompletionInfo info = cells.shielded(() -> analysis.analyzeCompletion(remaining));
      if (info.completeness() == Completeness.EMPTY) {
        break;
      }
      boolean complete =
          info.completeness().isComplete() && info.completeness() != Completeness.UNKNOWN;
      String next = complete ? info.remaining() : "";
      String consumed = rest.substring(0, rest.length() - next.length());
      String source = LEADING.matcher(consumed).replaceFirst("");
      int start = code.length() - rest.length() + consumed.length() - source.length();
      int firstLine = 1 + newlines(code.substring(0, start));
      Tracebacks.Origin caller = origin;
      origin = new Tracebacks.Origin(number, firstLine, lines);
      try {
        value = snippet(source, unresolved);
      } finally {
        origin = caller;
      }
      if (value.shown() && consumed.stripTrailing().endsWith(";")) {
        value = new Value(value.object(), false);
      }
      rest = next;
    }
    reportUnresolved(unresolved);
    return value;
  }

  private static int newlines(String text) {
    return (int) text.chars().filter(c -> c == '\n').count();
  }

  private Value snippet(String source, List<Snippet> unresolved) throws Exception {
    if (cells.mustEnd()) {
      throw Tracebacks.interrupted(null);
    }
    Variables.Snapshot before = variables.snapshot();
    List<SnippetEvent> events = cells.shielded(() -> shell.eval(source));
    Object object = execution.takeValue();
    Throwable thrown = execution.takeFailure();
    Value value = Value.NONE;
    Set<String> declared = new HashSet<>();
    boolean replaced = false;
    for (SnippetEvent event : events) {
      Snippet snippet = event.snippet();
      if (event.causeSnippet() != null) {
        replaced = true;
        continue;
      }
      if (snippet instanceof PersistentSnippet named) {
        declared.add(named.name());
      }
      if (event.status() == Status.REJECTED) {
        throw tracebacks.compileError(shell.diagnostics(snippet).toList(), source, origin);
      }
      if (event.status() == Status.RECOVERABLE_DEFINED
          || event.status() == Status.RECOVERABLE_NOT_DEFINED) {
        unresolved.add(snippet);
      }
      JShellException exception = event.exception();
      if (exception != null) {
        CellFailure failure = tracebacks.thrown(exception, thrown);
        throw cells.isInterrupted() ? Tracebacks.interrupted(failure) : failure;
      }
      value = new Value(object, isResult(snippet));
      if (snippet.subKind() == SubKind.TEMP_VAR_EXPRESSION_SUBKIND
          && snippet instanceof VarSnippet temporary) {
        cells.shielded(
            () -> {
              variables.drop(temporary);
              return true;
            });
      }
    }
    if (replaced) {
      reportLost(before.restore(declared));
    }
    if (cells.mustEnd()) {
      throw Tracebacks.interrupted(null);
    }
    return value;
  }

  private static boolean isResult(Snippet snippet) {
    return switch (snippet.subKind()) {
      case VAR_VALUE_SUBKIND, TEMP_VAR_EXPRESSION_SUBKIND, OTHER_EXPRESSION_SUBKIND -> true;
      default -> false;
    };
  }

  /** A new snippet's id; the frames of what it throws carry it. */
  private String nextId() {
    String id = "s" + ++snippetCount;
    tracebacks.remember(id, origin);
    return id;
  }

  private static void reportLost(List<String> names) {
    if (!names.isEmpty()) {
      System.err.println(
          "These variables lost their value because their type was declared again: "
              + String.join(", ", names));
    }
  }

  /** Forward references that no later line of the cell resolved. */
  private void reportUnresolved(List<Snippet> snippets) throws CellFailure {
    for (Snippet snippet : snippets) {
      Status status = shell.status(snippet);
      if (snippet instanceof DeclarationSnippet declaration
          && (status == Status.RECOVERABLE_DEFINED || status == Status.RECOVERABLE_NOT_DEFINED)) {
        String missing = String.join(", ", shell.unresolvedDependencies(declaration).toList());
        String message =
            "%s cannot be used until this is defined: %s"
                .formatted(declaration.name(), missing.isEmpty() ? "what it refers to" : missing);
        if (status == Status.RECOVERABLE_NOT_DEFINED) {
          throw new CellFailure("CompileError", message, List.of("CompileError: " + message));
        }
        System.err.println(message);
      }
    }
  }
}
