package org.megalab.kernel;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePathScanner;
import java.io.IOException;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import jdk.jshell.PersistentSnippet;
import jdk.jshell.Snippet;
import org.jspecify.annotations.Nullable;

/** The comments on what cells declare. */
final class CellComments {
  private final Map<String, String> bySnippet = new HashMap<>();

  /** Keeps the comment that precedes a snippet. */
  void remember(String snippetId, String leading) {
    String comment = JavadocText.before(leading);
    if (!comment.isEmpty()) {
      bySnippet.put(snippetId, comment);
    }
  }

  /** The comment on a snippet; empty if there is none. */
  String of(Snippet snippet) {
    return bySnippet.getOrDefault(snippet.id(), "");
  }

  /**
   * The comment on what a signature of JShell names, such as {@code int Box.grow(int by)} or {@code
   * Box.size:int}.
   *
   * @param declared what cells have declared
   */
  String of(String signature, List<PersistentSnippet> declared) {
    String owner = signature.replaceFirst("[(:].*", "").replaceFirst("^.*\\s", "");
    String name = owner.substring(owner.lastIndexOf('.') + 1);
    int parameters = parameters(signature);
    for (PersistentSnippet snippet : declared) {
      if (snippet.name().equals(owner) && !of(snippet).isEmpty() && matches(snippet, parameters)) {
        return of(snippet);
      }
      boolean member = owner.startsWith(snippet.name() + ".") && !owner.equals(name);
      if (member && snippet.kind() == Snippet.Kind.TYPE_DECL) {
        return memberComment(snippet.source(), name, parameters);
      }
    }
    return "";
  }

  private static boolean matches(PersistentSnippet snippet, int parameters) {
    return !(snippet instanceof jdk.jshell.MethodSnippet method)
        || parameters < 0
        || parameters == parameters("m(" + method.parameterTypes() + ")");
  }

  /** How many parameters a signature lists; -1 if it has none to list. */
  private static int parameters(String signature) {
    int open = signature.indexOf('(');
    if (open < 0) {
      return -1;
    }
    String list = signature.substring(open + 1, signature.lastIndexOf(')'));
    String flat = list.replaceAll("<[^<>]*(?:<[^<>]*>[^<>]*)*>", "");
    return flat.isBlank() ? 0 : flat.split(",", -1).length;
  }

  private static String memberComment(String type, String name, int parameters) {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    JavaFileObject file =
        new SimpleJavaFileObject(URI.create("cell:///Cell.java"), JavaFileObject.Kind.SOURCE) {
          @Override
          public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return type;
          }
        };
    JavacTask task =
        (JavacTask) compiler.getTask(null, null, diagnostic -> {}, null, null, List.of(file));
    DocTrees trees = DocTrees.instance(task);
    StringBuilder found = new StringBuilder();
    try {
      for (CompilationUnitTree unit : task.parse()) {
        new TreePathScanner<@Nullable Void, @Nullable Void>() {
          private void take(boolean matches) {
            String comment = matches ? trees.getDocComment(getCurrentPath()) : null;
            if (comment != null && found.isEmpty()) {
              found.append(comment.strip());
            }
          }

          @Override
          public @Nullable Void visitMethod(MethodTree method, @Nullable Void unused) {
            boolean named = method.getName().contentEquals(name);
            take(named && parameters == method.getParameters().size());
            return super.visitMethod(method, null);
          }

          @Override
          public @Nullable Void visitVariable(VariableTree variable, @Nullable Void unused) {
            take(parameters < 0 && variable.getName().contentEquals(name));
            return super.visitVariable(variable, null);
          }

          @Override
          public @Nullable Void visitClass(ClassTree nested, @Nullable Void unused) {
            take(nested.getSimpleName().contentEquals(name));
            return super.visitClass(nested, null);
          }
        }.scan(unit, null);
      }
    } catch (IOException e) {
      return "";
    }
    return found.toString();
  }
}
