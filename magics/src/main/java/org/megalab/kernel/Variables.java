package org.megalab.kernel;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import jdk.jshell.JShell;
import jdk.jshell.Snippet;
import jdk.jshell.VarSnippet;
import org.jspecify.annotations.Nullable;

/**
 * The live values of a notebook's variables.
 *
 * <p>When something that a variable's declaration mentions is declared again, JShell compiles the
 * declaration anew and the value is gone. {@link #snapshot} before and {@link Snapshot#restore}
 * after keep it, unless the variable's own type was the thing that changed.
 */
final class Variables {
  private final JShell shell;
  private final CellExecution execution;

  Variables(JShell shell, CellExecution execution) {
    this.shell = shell;
    this.execution = execution;
  }

  private record Held(Field field, @Nullable Object value) {}

  /** The fields and values of all variables, for a later {@link Snapshot#restore}. */
  Snapshot snapshot() {
    Map<String, Held> held = new LinkedHashMap<>();
    shell.variables().forEach(variable -> hold(variable, held));
    return new Snapshot(held);
  }

  private void hold(VarSnippet variable, Map<String, Held> held) {
    Field field = field(variable);
    if (field != null) {
      held.put(variable.name(), new Held(field, value(field)));
    }
  }

  /** Removes a temporary such as {@code $1}, so that its value can be collected. */
  void drop(VarSnippet temporary) {
    Field field = field(temporary);
    if (field != null && !field.getType().isPrimitive()) {
      set(field, null);
    }
    shell.drop(temporary);
  }

  private @Nullable Field field(VarSnippet variable) {
    if (shell.status(variable) != Snippet.Status.VALID) {
      return null;
    }
    shell.varValue(variable);
    return execution.takeField();
  }

  private static @Nullable Object value(Field field) {
    try {
      return field.get(null);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException("The field of a notebook variable is closed: " + field, e);
    }
  }

  private static boolean set(Field field, @Nullable Object value) {
    try {
      field.set(null, value);
      return true;
    } catch (IllegalArgumentException | IllegalAccessException e) {
      return false;
    }
  }

  /** Values as they were. */
  final class Snapshot {
    private final Map<String, Held> held;

    private Snapshot(Map<String, Held> held) {
      this.held = held;
    }

    /**
     * Gives variables whose field was replaced their value back.
     *
     * @param declared names that were declared on purpose and keep their new value
     * @return names of those whose value no longer fits their type
     */
    List<String> restore(Set<String> declared) {
      List<String> lost = new ArrayList<>();
      shell
          .variables()
          .filter(variable -> !declared.contains(variable.name()))
          .forEach(
              variable -> {
                Held old = held.get(variable.name());
                Field now = old == null ? null : field(variable);
                if (old != null
                    && now != null
                    && !now.equals(old.field())
                    && !set(now, old.value())) {
                  lost.add(variable.name());
                }
              });
      return lost;
    }
  }
}
