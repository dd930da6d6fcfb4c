package org.megalab.magics;

import com.sun.source.tree.BlockTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.EmptyStatementTree;
import com.sun.source.tree.ErroneousTree;
import com.sun.source.tree.ExpressionStatementTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.NewArrayTree;
import com.sun.source.tree.StatementTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/**
 * Rewrites a cell's statements so that what runs is timed and what the compiler takes is not:
 * {@code var x = f();} becomes {@code var x = Stopwatch.time(() -> f());}. Lines stay the same.
 */
final class TimedCode {
  private static final String HEAD = "class Cell { void run() throws Throwable {";
  private static final String TIME = Stopwatch.class.getCanonicalName() + ".time(() -> ";

  /** What javac says of an expression alone, such as 1 + 1, which a cell may hold. */
  private static final String NO_STATEMENT = "compiler.err.not.stmt";

  private final CompilationUnitTree unit;
  private final SourcePositions positions;

  /** What is put before the character at an index of the code. */
  private final Map<Integer, String> inserted = new TreeMap<>();

  private TimedCode(CompilationUnitTree unit, SourcePositions positions) {
    this.unit = unit;
    this.positions = positions;
  }

  /** Returns the timed code; nothing if the code is more than the statements of a block. */
  static Optional<String> of(String code) {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    if (compiler == null) {
      return Optional.empty();
    }
    DiagnosticCollector<JavaFileObject> problems = new DiagnosticCollector<>();
    JavacTask task =
        (JavacTask)
            compiler.getTask(
                null, null, problems, List.of("-proc:none"), null, List.of(source(code)));
    try {
      CompilationUnitTree unit = task.parse().iterator().next();
      boolean sound =
          problems.getDiagnostics().stream()
              .filter(problem -> problem.getKind() == Diagnostic.Kind.ERROR)
              .allMatch(problem -> problem.getCode().equals(NO_STATEMENT));
      ClassTree type = (ClassTree) unit.getTypeDecls().get(0);
      if (!sound || unit.getTypeDecls().size() != 1 || type.getMembers().size() != 1) {
        return Optional.empty();
      }
      BlockTree block = ((MethodTree) type.getMembers().get(0)).getBody();
      TimedCode timed = new TimedCode(unit, Trees.instance(task).getSourcePositions());
      block.getStatements().forEach(timed::time);
      return Optional.of(timed.insertInto(code));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The code as a method's body; a last expression may lack its semicolon. */
  private static JavaFileObject source(String code) {
    return new SimpleJavaFileObject(URI.create("string:///Cell.java"), JavaFileObject.Kind.SOURCE) {
      @Override
      public CharSequence getCharContent(boolean ignoreEncodingErrors) {
        return HEAD + code + "\n;}}";
      }
    };
  }

  private void time(StatementTree statement) {
    if (statement instanceof VariableTree variable) {
      timeInitializer(variable.getInitializer());
    } else if (statement instanceof ExpressionStatementTree expression) {
      Tree value = expression.getExpression();
      insert(
          value instanceof ErroneousTree alone ? alone.getErrorTrees().get(0) : value, TIME, ")");
    } else if (!(statement instanceof ClassTree || statement instanceof EmptyStatementTree)) {
      insert(statement, TIME + "{ ", " });");
    }
  }

  private void timeInitializer(@Nullable Tree value) {
    boolean elements = value instanceof NewArrayTree array && array.getType() == null;
    if (value != null && !elements) {
      insert(value, TIME, ")");
    }
  }

  private void insert(Tree tree, String before, String after) {
    int start = (int) positions.getStartPosition(unit, tree) - HEAD.length();
    int end = (int) positions.getEndPosition(unit, tree) - HEAD.length();
    inserted.merge(start, before, String::concat);
    inserted.merge(end, after, (earlier, later) -> later + earlier);
  }

  private String insertInto(String code) {
    StringBuilder timed = new StringBuilder();
    int at = 0;
    for (Map.Entry<Integer, String> each : inserted.entrySet()) {
      timed.append(code, at, each.getKey()).append(each.getValue());
      at = each.getKey();
    }
    return timed.append(code, at, code.length()).toString();
  }
}
