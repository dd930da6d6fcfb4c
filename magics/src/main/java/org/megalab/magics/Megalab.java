package org.megalab.magics;

import io.github.spencerpark.jupyter.kernel.BaseKernel;
import io.github.spencerpark.jupyter.kernel.magic.registry.Magics;
import java.util.Collection;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.megalab.experiment.Study;
import org.megalab.train.Training;
import picocli.CommandLine;

/**
 * Registers Megalab on a kernel: magics, renderers, live progress and imports.
 *
 * <p>Our own kernel calls this at its start. A stock IJava user calls it from {@code
 * IJAVA_STARTUP_SCRIPT}: {@code org.megalab.magics.Megalab.install(getKernelInstance());}
 */
public final class Megalab {

  private static final String IMPORTS =
      """
      import ai.djl.Device;
      import ai.djl.ndarray.NDArray;
      import ai.djl.ndarray.NDManager;
      import org.megalab.data.*;
      import org.megalab.data.file.*;
      import org.megalab.evaluate.*;
      import org.megalab.experiment.*;
      import org.megalab.generate.*;
      import org.megalab.interop.*;
      import org.megalab.model.*;
      import org.megalab.plot.*;
      import org.megalab.train.*;
      import tech.tablesaw.api.*;
      """;

  private final Session session;
  private final Magics magics;
  private final MagicCommands commands;

  private Megalab(Session session, Magics magics) {
    this.session = session;
    this.magics = magics;
    commands = new MagicCommands(session);
    commands.entries().forEach(this::register);
  }

  /**
   * Registers everything.
   *
   * @param kernel a kernel with a method {@code getMagics()}, as IJava's and ours
   * @return the magics, to which others can be added
   * @throws IllegalArgumentException if it has none
   */
  public static Megalab install(BaseKernel kernel) {
    Session session = new Session(kernel);
    Megalab megalab = new Megalab(session, magics(kernel));
    Renderers.register(kernel.getRenderer());
    Training.setDefaultListener(() -> new LiveProgress(session));
    Study.setDefaultListener(() -> new StudyDisplay(session));
    session.evaluate(IMPORTS);
    return megalab;
  }

  private void register(MagicCommands.Entry entry) {
    if (entry.cell()) {
      magics.registerCellMagic(
          entry.name(), (arguments, body) -> commands.run(entry, arguments, body));
    } else {
      magics.registerLineMagic(entry.name(), arguments -> commands.run(entry, arguments, ""));
    }
  }

  /**
   * Adds a line magic, which is then listed, explained, completed and strict like the others.
   *
   * @param name what stands behind the percent sign
   * @param summary one line for {@code %lsmagic}
   * @param command creates a picocli command for one call; its result is the magic's
   */
  public void add(String name, String summary, Supplier<? extends Callable<?>> command) {
    MagicCommands.Entry entry =
        new MagicCommands.Entry(name, false, summary, call -> command.get());
    commands.add(entry);
    register(entry);
  }

  /** The options and the help of a magic such as {@code %train}; null if there is none. */
  public @Nullable CommandLine command(String display) {
    return commands.command(display);
  }

  /** Lets go of variables that were dropped from the notebook. */
  public void forget(Collection<String> names) {
    session.forget(names);
  }

  private static Magics magics(BaseKernel kernel) {
    try {
      return (Magics) kernel.getClass().getMethod("getMagics").invoke(kernel);
    } catch (ReflectiveOperationException | ClassCastException e) {
      throw new IllegalArgumentException(
          kernel.getClass().getName() + " has no public method getMagics() to register magics with",
          e);
    }
  }
}
