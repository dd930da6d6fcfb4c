package org.megalab.magics;

import io.github.spencerpark.jupyter.kernel.BaseKernel;
import io.github.spencerpark.jupyter.kernel.magic.registry.Magics;
import java.util.Collection;
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

  private Megalab(Session session) {
    this.session = session;
  }

  /**
   * Registers everything.
   *
   * @param kernel a kernel with a method {@code getMagics()}, as IJava's and ours
   * @return what the kernel may ask of the magics
   * @throws IllegalArgumentException if it has none
   */
  public static Megalab install(BaseKernel kernel) {
    Magics magics = magics(kernel);
    Session session = new Session(kernel);
    MagicCommands commands = new MagicCommands(session);
    for (MagicCommands.Entry entry : MagicCommands.ENTRIES) {
      if (entry.cell()) {
        magics.registerCellMagic(
            entry.name(), (arguments, body) -> commands.run(entry, arguments, body));
      } else {
        magics.registerLineMagic(entry.name(), arguments -> commands.run(entry, arguments, ""));
      }
    }
    Renderers.register(kernel.getRenderer());
    Training.setDefaultListener(() -> new LiveProgress(session));
    Study.setDefaultListener(() -> new StudyDisplay(session));
    session.evaluate(IMPORTS);
    return new Megalab(session);
  }

  /** The options and the help of a magic such as {@code %train}; null if there is none. */
  public @Nullable CommandLine command(String display) {
    for (MagicCommands.Entry entry : MagicCommands.ENTRIES) {
      if (entry.display().equals(display)) {
        return new CommandLine(entry.command().apply(new MagicCommands.Call(session, "")))
            .setCommandName(display);
      }
    }
    return null;
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
