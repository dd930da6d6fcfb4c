package org.megalab.kernel;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import jdk.jshell.JShell;
import jdk.jshell.Snippet;
import jdk.jshell.VarSnippet;
import org.jspecify.annotations.Nullable;

/**
 * The live values of a notebook's variables.
 *
 * <p>When something that a variable's declaration mentions is declared again, JShell compiles the
 * declaration anew and the value is gone. {@link #snapshot} before and {@link Snapshot#settle}
 * after keep it, unless the variable's own type was the thing that changed.
 */
final class Variables {
  private final JShell shell;
  private final CellExecution execution;

  /**
   * Former fields, whose values were moved or let go of; code that a cell calls may declare its
   * variables anew, and the cell itself has nothing more to do for them then.
   */
  private final Set<Field> former = new HashSet<>();

  Variables(JShell shell, CellExecution execution) {
    this.shell = shell;
    this.execution = execution;
  }

  /** The fields of all variables, for a later {@link Snapshot#settle}; the values stay there. */
  Snapshot snapshot() {
    Map<String, Field> fields = new LinkedHashMap<>();
    shell
        .variables()
        .forEach(
            variable -> {
              Field field = field(variable);
              if (field != null) {
                fields.put(variable.name(), field);
              }
            });
    return new Snapshot(fields);
  }

  /** Removes a temporary such as {@code $1}, so that its value can be collected. */
  void drop(VarSnippet variable) {
    Field field = field(variable);
    if (field != null) {
      clear(field);
    }
    shell.drop(variable);
  }

  /**
   * Removes variables, so that their values can be collected.
   *
   * @return the names of those that were removed
   */
  List<String> drop(Predicate<VarSnippet> which) {
    List<VarSnippet> dropped = shell.variables().filter(which).toList();
    dropped.forEach(this::drop);
    return dropped.stream().map(VarSnippet::name).toList();
  }

  /** The class of an overwritten variable stays loaded; its field must not keep the value alive. */
  private void clear(Field field) {
    former.add(field);
    if (!field.getType().isPrimitive()) {
      set(field, null);
    }
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

  /** Where values were. */
  final class Snapshot {
    private final Map<String, Field> fields;

    private Snapshot(Map<String, Field> fields) {
      this.fields = fields;
    }

    /**
     * Gives variables whose field was replaced their value back, and lets go of the other values.
     *
     * @param declared names that were declared on purpose and keep their new value
     * @param failed whether their initializers did not come to an end: they keep their old value
     * @return names of those whose value no longer fits their type
     */
    List<String> settle(Set<String> declared, boolean failed) {
      List<String> lost = new ArrayList<>();
      Set<String> seen = new HashSet<>();
      shell.variables().forEach(variable -> settle(variable, declared, failed, seen, lost));
      fields.forEach(
          (name, field) -> {
            if (!seen.contains(name) && !former.contains(field) && !isDeclared(name)) {
              lost.add(name);
            }
          });
      return lost;
    }

    /** A variable's type, with packages where it is not a type of the notebook. */
    String typeName(VarSnippet variable) {
      Field field = fields.get(variable.name());
      String full = field == null ? "REPL." : field.getGenericType().getTypeName();
      return full.contains("REPL.") ? variable.typeName() : full.replace('$', '.');
    }

    private boolean isDeclared(String name) {
      return shell.variables().anyMatch(v -> v.name().equals(name) && field(v) != null);
    }

    private void settle(
        VarSnippet variable,
        Set<String> declared,
        boolean failed,
        Set<String> seen,
        List<String> lost) {
      Field old = fields.get(variable.name());
      Field now = old == null ? null : field(variable);
      if (old == null || now == null || now.equals(old) || !seen.add(variable.name())) {
        return;
      }
      if (former.contains(old)) { // settled by code that this snippet called
        return;
      }
      boolean onPurpose = declared.contains(variable.name());
      if ((!onPurpose || failed) && !set(now, value(old)) && !onPurpose) {
        lost.add(variable.name());
      }
      clear(old);
    }
  }
}
