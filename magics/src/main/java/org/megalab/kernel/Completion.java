package org.megalab.kernel;

import io.github.spencerpark.jupyter.kernel.ReplacementOptions;
import io.github.spencerpark.jupyter.kernel.display.DisplayData;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jdk.jshell.SourceCodeAnalysis;
import jdk.jshell.SourceCodeAnalysis.Completeness;
import jdk.jshell.SourceCodeAnalysis.CompletionInfo;
import jdk.jshell.SourceCodeAnalysis.Documentation;
import jdk.jshell.SourceCodeAnalysis.Suggestion;
import jdk.jshell.VarSnippet;
import org.jspecify.annotations.Nullable;

/** Tab completion, inspection and the question whether a cell is complete. */
final class Completion {
  private static final Pattern WORD_END = Pattern.compile("\\A[\\p{L}\\p{N}_$]*\\s*\\(?");
  private static final Pattern LAST_WORD = Pattern.compile("([\\p{L}_$][\\p{L}\\p{N}_$]*)\\z");

  /** The longest wait for the index is their product, three seconds. */
  private static final int INDEX_WAITS = 60;

  private static final long INDEX_WAIT_NANOS = 50_000_000;

  private final Evaluator evaluator;
  private final SourceCodeAnalysis analysis;
  private final MagicCompletion magics;

  Completion(Evaluator evaluator, MagicCompletion magics) {
    this.evaluator = evaluator;
    this.analysis = evaluator.analysis();
    this.magics = magics;
  }

  /** The part of a cell that one snippet's analysis sees. */
  private record Part(String code, int start) {}

  /** What may stand at {@code cursor}, an index into {@code code}. */
  ReplacementOptions complete(String code, int cursor) {
    String before = code.substring(0, cursor);
    ReplacementOptions magic = magics.complete(before, evaluator.shell());
    if (magic != null) {
      return magic;
    }
    Part part = snippetAt(before);
    ReplacementOptions options = java(part, cursor);
    if (options.getReplacements().isEmpty() && part.start() > 0) {
      // The statements above it in the same cell have not run: let the analysis read them too.
      options = java(new Part(before, 0), cursor);
    }
    return options.getReplacements().isEmpty() && awaitIndex() ? java(part, cursor) : options;
  }

  /** Packages are known once the class path is indexed; returns whether that had to be awaited. */
  private boolean awaitIndex() {
    int waits = 0;
    while (waits < INDEX_WAITS && !analysis.listQualifiedNames("List", 4).isUpToDate()) {
      LockSupport.parkNanos(INDEX_WAIT_NANOS);
      waits++;
    }
    return waits > 0;
  }

  private ReplacementOptions java(Part part, int cursor) {
    int[] anchor = {cursor - part.start()};
    List<Suggestion> suggestions =
        analysis.completionSuggestions(part.code(), cursor - part.start(), anchor);
    List<String> matching = names(suggestions, true);
    List<String> names = matching.isEmpty() ? names(suggestions, false) : matching;
    return new ReplacementOptions(names, anchor[0] + part.start(), cursor);
  }

  private static List<String> names(List<Suggestion> suggestions, boolean matchingType) {
    return suggestions.stream()
        .filter(s -> !matchingType || s.matchesType())
        .map(Suggestion::continuation)
        .filter(s -> !s.startsWith("$"))
        .distinct()
        .toList();
  }

  /** The last, unfinished snippet of {@code before}. */
  private Part snippetAt(String before) {
    int start = 0;
    while (true) {
      String rest = before.substring(start);
      CompletionInfo info = analysis.analyzeCompletion(rest);
      if (!info.completeness().isComplete() || info.remaining().isBlank()) {
        return new Part(rest, start);
      }
      start = before.length() - info.remaining().length();
    }
  }

  /** Signatures and documentation of what stands at {@code cursor}; null if nothing is known. */
  @Nullable DisplayData inspect(String code, int cursor) {
    Matcher rest = WORD_END.matcher(code.substring(cursor));
    int end = rest.find() ? cursor + rest.end() : cursor;
    String help = magics.help(code.substring(0, end));
    if (help != null) {
      return new DisplayData(help);
    }
    evaluator.sources().offerTo(analysis);
    String before = code.substring(0, end);
    Part part = snippetAt(before);
    List<Documentation> documentation = documentation(part, end);
    if (documentation.isEmpty() && before.endsWith("(")) {
      String word = before.substring(0, before.length() - 1).stripTrailing();
      documentation = documentation(snippetAt(word), word.length());
    }
    if (documentation.isEmpty()) {
      return variable(before);
    }
    List<String> texts = new ArrayList<>();
    for (Documentation each : documentation) {
      String javadoc = each.javadoc();
      String comment =
          javadoc == null || javadoc.isBlank() ? evaluator.comment(each.signature()) : javadoc;
      texts.add(each.signature() + (comment.isEmpty() ? "" : "\n" + JavadocText.plain(comment)));
    }
    return new DisplayData(String.join("\n\n", texts));
  }

  private List<Documentation> documentation(Part part, int cursor) {
    List<Documentation> found = ask(part, cursor);
    if (found.isEmpty()) {
      awaitIndex(); // beside the indexing JShell may fail, and says that there is nothing
      found = ask(part, cursor);
    }
    return found;
  }

  private List<Documentation> ask(Part part, int cursor) {
    return analysis.documentation(part.code(), cursor - part.start(), true);
  }

  private @Nullable DisplayData variable(String before) {
    Matcher word = LAST_WORD.matcher(before);
    if (!word.find()) {
      return null;
    }
    return evaluator
        .shell()
        .variables()
        .filter(v -> v.name().equals(word.group(1)))
        .map(VarSnippet::typeName)
        .findFirst()
        .map(type -> new DisplayData(type + " " + word.group(1)))
        .orElse(null);
  }

  /** {@code complete}, {@code invalid}, or the indentation of the line that must follow. */
  String isComplete(String code, String complete, String invalid) {
    String rest = code;
    while (true) {
      CompletionInfo info = analysis.analyzeCompletion(rest);
      Completeness completeness = info.completeness();
      if (completeness == Completeness.EMPTY) {
        return complete;
      }
      if (completeness == Completeness.DEFINITELY_INCOMPLETE
          || completeness == Completeness.CONSIDERED_INCOMPLETE) {
        return indentation(code);
      }
      if (completeness == Completeness.UNKNOWN) {
        return invalid;
      }
      if (info.remaining().isBlank()) {
        return complete;
      }
      rest = info.remaining();
    }
  }

  private static String indentation(String code) {
    String last = code.substring(code.lastIndexOf('\n') + 1);
    String indent = last.substring(0, last.length() - last.stripLeading().length());
    return last.stripTrailing().endsWith("{") ? indent + "    " : indent;
  }
}
