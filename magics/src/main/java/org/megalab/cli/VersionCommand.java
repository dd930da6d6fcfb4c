package org.megalab.cli;

import org.megalab.kernel.Versions;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code megalab version}. */
@Command(
    name = "version",
    description = "Says the version of Megalab and of Java.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionCommand.class)
public final class VersionCommand implements Runnable, IVersionProvider {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    spec.commandLine().getOut().println(getVersion()[0]);
  }

  @Override
  public String[] getVersion() {
    return new String[] {"megalab " + Versions.megalab() + ", Java " + Runtime.version()};
  }
}
