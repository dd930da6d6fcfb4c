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
import jdk.jshell.MethodSnippet;
import jdk.jshell.PersistentSnippet;
import jdk.jshell.Snippet;
import jdk.jshell.Snippet.Status;
import jdk.jshell.Snippet.SubKind;
import jdk.jshell.SnippetEvent;
import jdk.jshell.SourceCodeAnalysis;
import jdk.jshell.SourceCodeAnalysis.Completeness;
import jdk.jshell.SourceCodeAnalysis.CompletionInfo;
import jdk.jshell.TypeDeclSnippet;
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
  private final CellComments comments = new CellComments();
  private final Sources sources = new Sources();
  private String leading = "";
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
    sources.add(path);
  }

  Sources sources() {
    return sources;
  }

  /** The comment in a cell on what a signature names; empty if there is none. */
  String comment(String signature) {
    return comments.of(
        signature,
        shell.snippets().filter(this::isDeclared).map(PersistentSnippet.class::cast).toList());
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
      leading = consumed.substring(0, consumed.length() - source.length());
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
    if (isThereAlready(source)) {
      return Value.NONE;
    }
    List<Snippet> declared = shell.snippets().filter(this::isDeclared).toList();
    Variables.Snapshot before = variables.snapshot();
    List<SnippetEvent> events = cells.shielded(() -> shell.eval(source));
    Object object = execution.takeValue();
    Throwable thrown = execution.takeFailure();
    cells.shielded(() -> settle(declared, before, events));
    Value value = Value.NONE;
    for (SnippetEvent event : events) {
      Snippet snippet = event.snippet();
      if (event.causeSnippet() != null) {
        continue;
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
    }
    if (cells.mustEnd()) {
      throw Tracebacks.interrupted(null);
    }
    return value;
  }

  private boolean isDeclared(Snippet snippet) {
    return snippet instanceof DeclarationSnippet
        && !isTemporary(snippet)
        && shell.status(snippet) == Status.VALID;
  }

  /** Variables keep their values, temporaries do not. */
  private boolean settle(
      List<Snippet> before, Variables.Snapshot values, List<SnippetEvent> events) {
    Set<String> declared = new HashSet<>();
    boolean failed = execution.wasStopped();
    boolean rejected = false;
    for (SnippetEvent event : events) {
      failed |= event.exception() != null;
      if (event.status() == Status.REJECTED) {
        rejected = true;
      } else if (event.causeSnippet() == null
          && event.snippet() instanceof PersistentSnippet named) {
        declared.add(named.name());
      }
    }
    if (rejected || events.size() > 1) {
      declareAgain(before, values, declared, rejected);
    }
    reportLost(values.settle(declared, failed));
    // Only this snippet's own: the cell that called a magic may still be computing its result.
    variables.drop(variable -> isTemporary(variable) && declared.contains(variable.name()));
    return failed;
  }

  /**
   * Declares again what JShell let go of: the declaration that one was to replace which does not
   * compile, and variables whose initializers do not compile any more, though they ran long ago.
   */
  private void declareAgain(
      List<Snippet> before, Variables.Snapshot values, Set<String> declared, boolean rejected) {
    Tracebacks.Origin running = origin;
    for (Snippet snippet : before) {
      Status status = shell.status(snippet);
      boolean gone = status == Status.OVERWRITTEN || status == Status.DROPPED;
      if (snippet instanceof VarSnippet variable) {
        if (status != Status.VALID && !declared.contains(variable.name())) {
          shell.eval(values.typeName(variable) + " " + variable.name() + ";");
        }
      } else if (rejected && gone) {
        origin = tracebacks.origin(snippet.id(), running);
        shell.eval(snippet.source());
      }
    }
    origin = running;
  }

  /**
   * Whether a class or method is declared just like this already, as when a cell runs again: to
   * declare it once more would make it another class, and variables of the first would not fit.
   */
  private boolean isThereAlready(String source) {
    for (Snippet snippet : shell.snippets().toList()) {
      if ((snippet instanceof TypeDeclSnippet || snippet instanceof MethodSnippet)
          && shell.status(snippet) == Status.VALID
          && snippet.source().strip().equals(source.strip())) {
        tracebacks.remember(snippet.id(), origin);
        comments.remember(snippet.id(), leading);
        return true;
      }
    }
    return false;
  }

  /** Lets go of results, and of variables too unless they are to stay; returns the names. */
  List<String> reset(boolean resultsOnly) throws Exception {
    execution.takeValue();
    execution.takeFailure();
    return cells.shielded(() -> variables.drop(variable -> !resultsOnly || isTemporary(variable)));
  }

  private static boolean isTemporary(Snippet snippet) {
    return snippet.subKind() == SubKind.TEMP_VAR_EXPRESSION_SUBKIND;
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
    comments.remember(id, leading);
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
