package org.megalab.magics;

import ai.djl.Device;
import io.github.spencerpark.jupyter.kernel.BaseKernel;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.lang.model.SourceVersion;
import org.jspecify.annotations.Nullable;
import org.megalab.data.Corpus;
import org.megalab.data.Dataset;
import org.megalab.model.SequenceClassifier;
import org.megalab.model.SequenceModel;
import org.megalab.model.TrainableModel;
import org.megalab.torchscript.Libtorch;

/** What magics share: the kernel's display, the notebook's variables, and the chosen device. */
final class Session {

  private final BaseKernel kernel;
  private final @Nullable Method evalRaw;
  private final Map<String, Object> defined = new ConcurrentHashMap<>();
  private final BackgroundTrainings trainings = new BackgroundTrainings();
  private volatile @Nullable Device device;

  Session(BaseKernel kernel) {
    this.kernel = kernel;
    evalRaw = evalRaw(kernel);
  }

  private static @Nullable Method evalRaw(BaseKernel kernel) {
    try {
      return kernel.getClass().getMethod("evalRaw", String.class);
    } catch (NoSuchMethodException e) {
      return null; // magics then see what magics defined, and no variables of cells
    }
  }

  /** Runs code as a cell would; does nothing where the kernel cannot. */
  @Nullable Object evaluate(String code) {
    if (evalRaw == null) {
      return null;
    }
    try {
      return evalRaw.invoke(kernel, code);
    } catch (InvocationTargetException e) {
      throw new IllegalStateException("running " + code.strip(), e.getCause());
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Runs a user's code as a cell would; what it throws is thrown as it is.
   *
   * @throws IllegalStateException if the kernel cannot run code on behalf of magics
   */
  @Nullable Object run(String code) throws Exception {
    if (evalRaw == null) {
      throw new IllegalStateException(
          kernel.getClass().getName() + " has no public method evalRaw(String) to run code with");
    }
    try {
      return evalRaw.invoke(kernel, code);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }

  /**
   * Checks a variable's name; magics do so before they work for minutes to fill it.
   *
   * @throws IllegalArgumentException if Java allows no variable of that name
   */
  static void checkName(String name) {
    if (!SourceVersion.isIdentifier(name) || SourceVersion.isKeyword(name)) {
      throw new IllegalArgumentException(
          "\"%s\" cannot name a variable; take letters, digits and _, such as model2"
              .formatted(name));
    }
  }

  /** Defines a variable of the notebook, and returns the value that magics gave it before. */
  @Nullable Object define(String name, Class<?> type, Object value) {
    checkName(name);
    if (evalRaw != null) {
      String key = NotebookValues.put(value);
      evaluate(
          "var %s = (%s) %s.take(\"%s\");"
              .formatted(
                  name, type.getCanonicalName(), NotebookValues.class.getCanonicalName(), key));
    }
    return defined.put(name, value);
  }

  /** Lets go of variables that were dropped from the notebook. */
  void forget(Collection<String> names) {
    defined.keySet().removeAll(names);
  }

  /**
   * Checks that a variable may be given another model: the one that a magic defined before is freed
   * then, and must not be in training.
   */
  void requireReplaceable(String name) {
    checkName(name);
    if (defined.get(name) instanceof TrainableModel old) {
      trainings.requireIdle(old, "choose another variable with --as");
    }
  }

  /** Defines a model; one that a magic defined before under the same name is freed. */
  void defineModel(String name, TrainableModel model) {
    Class<?> type = model instanceof SequenceModel ? SequenceModel.class : SequenceClassifier.class;
    Object before = define(name, type, model);
    if (before instanceof TrainableModel old) {
      old.close();
    }
  }

  /** Returns the notebook's variables in the order of their declaration. */
  List<NotebookVariable> variables() {
    return NotebookVariable.all(kernel, this::evaluate, defined);
  }

  /** What trains while other cells run. */
  BackgroundTrainings trainings() {
    return trainings;
  }

  /**
   * Returns a variable of the notebook.
   *
   * @throws IllegalArgumentException if there is none of that name and type
   */
  <T> T variable(String name, Class<T> type, String remedy) {
    checkName(name);
    Object value = value(name);
    if (!type.isInstance(value)) {
      throw new IllegalArgumentException(
          value == null
              ? "there is no variable \"%s\"; %s".formatted(name, remedy)
              : "the variable \"%s\" must be a %s, got a %s; %s"
                  .formatted(name, type.getSimpleName(), value.getClass().getSimpleName(), remedy));
    }
    return type.cast(value);
  }

  /** Returns what a variable of the notebook holds; null where there is none. */
  @Nullable Object value(String name) {
    if (evalRaw == null) {
      return defined.get(name);
    }
    try {
      return evalRaw.invoke(kernel, name);
    } catch (ReflectiveOperationException e) {
      return null;
    }
  }

  /** Returns the model in a variable of the notebook. */
  SequenceModel model(String name) {
    return variable(
        name,
        SequenceModel.class,
        "build a model first, with a cell of %%model megabyte --preset tiny");
  }

  /** Returns the sequence model or classifier in a variable of the notebook. */
  TrainableModel trainable(String name) {
    return variable(
        name,
        TrainableModel.class,
        "build a model first, with a cell of %%model megabyte --preset tiny");
  }

  /** Returns the corpus or the examples in a variable of the notebook. */
  Dataset dataset(String name) {
    return variable(name, Dataset.class, "load data first, with %dataset books");
  }

  /** Returns the corpus in a variable of the notebook. */
  Corpus corpus(String name) {
    return variable(name, Corpus.class, "load a text first, with %dataset books");
  }

  /** Returns the chosen device; the first GPU where there is one, else the CPU. */
  Device device() {
    if (device == null) {
      device = Libtorch.engine().defaultDevice();
    }
    return device;
  }

  void device(Device chosen) {
    device = chosen;
  }

  BaseKernel kernel() {
    return kernel;
  }

  /** Shows a value as its renderer has it. */
  void show(Object value) {
    kernel.display(kernel.getRenderer().render(value));
  }

  /** Shows a value as the given MIME type. */
  void show(Object value, String mimeType) {
    kernel.display(kernel.getRenderer().renderAs(value, mimeType));
  }
}
