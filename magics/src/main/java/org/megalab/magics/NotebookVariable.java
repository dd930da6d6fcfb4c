package org.megalab.magics;

import io.github.spencerpark.jupyter.kernel.BaseKernel;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import jdk.jshell.JShell;
import jdk.jshell.Snippet;
import jdk.jshell.VarSnippet;
import org.jspecify.annotations.Nullable;

/**
 * A variable of the notebook.
 *
 * @param name its name
 * @param type its declared type, as it is written
 * @param value what it holds
 */
record NotebookVariable(String name, String type, @Nullable Object value) {

  /**
   * Lists variables in the order of their declaration, those aside that JShell makes for results.
   *
   * @param evaluate runs a line of Java
   * @param defined what is known where the kernel does not tell
   */
  static List<NotebookVariable> all(
      BaseKernel kernel, Consumer<String> evaluate, Map<String, Object> defined) {
    List<NotebookVariable> all = new ArrayList<>();
    JShell shell = shell(kernel);
    if (shell == null) {
      defined.forEach(
          (name, value) ->
              all.add(new NotebookVariable(name, value.getClass().getSimpleName(), value)));
      return all;
    }
    List<VarSnippet> declared =
        shell
            .variables()
            .filter(variable -> shell.status(variable) == Snippet.Status.VALID)
            .filter(variable -> !variable.name().startsWith("$"))
            .toList();
    String key = NotebookValues.newKey();
    evaluate.accept( // a call without a result, of which JShell would make a variable
        "%s.give(\"%s\", new Object[] {%s});"
            .formatted(
                NotebookValues.class.getCanonicalName(),
                key,
                declared.stream().map(VarSnippet::name).collect(Collectors.joining(", "))));
    Object[] values = (Object[]) NotebookValues.take(key);
    for (int i = 0; i < values.length; i++) {
      VarSnippet variable = declared.get(i);
      all.add(new NotebookVariable(variable.name(), variable.typeName(), values[i]));
    }
    return all;
  }

  /** The kernel's {@code getShell()}, or IJava's, which is that of its private evaluator. */
  private static @Nullable JShell shell(BaseKernel kernel) {
    try {
      return (JShell) kernel.getClass().getMethod("getShell").invoke(kernel);
    } catch (ReflectiveOperationException e) {
      try {
        Field field = kernel.getClass().getDeclaredField("evaluator");
        field.setAccessible(true);
        Object evaluator = field.get(kernel);
        return (JShell) evaluator.getClass().getMethod("getShell").invoke(evaluator);
      } catch (ReflectiveOperationException none) {
        return null;
      }
    }
  }
}
