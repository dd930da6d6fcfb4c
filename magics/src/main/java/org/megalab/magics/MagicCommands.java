package org.megalab.magics;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/**
 * The magics by name. Each is a picocli command: its options are strict, and {@code %help NAME} is
 * what they say of themselves.
 */
final class MagicCommands {

  /**
   * One magic.
   *
   * @param name what stands behind the percent signs
   * @param cell whether it has a body
   * @param summary one line for {@code %lsmagic}
   * @param command creates the command that parses and runs one call
   */
  record Entry(String name, boolean cell, String summary, Function<Call, Callable<?>> command) {
    String display() {
      return (cell ? "%%" : "%") + name;
    }
  }

  /**
   * What a command is created for.
   *
   * @param session the session
   * @param body the cell below the magic's line
   */
  record Call(Session session, String body) {}

  static final List<Entry> ENTRIES =
      List.of(
          new Entry("lsmagic", false, "lists the magics", LsMagic::new),
          new Entry("help", false, "explains a magic: %help train", HelpMagic::new),
          new Entry("device", false, "shows or chooses the device: %device cpu", DeviceMagic::new),
          new Entry("dataset", false, "loads a text as corpus: %dataset books", DatasetMagic::new),
          new Entry(
              "model",
              true,
              "builds model from JSON: %%model megabyte --preset tiny",
              ModelMagic::new),
          new Entry("summary", false, "tells about a model, a run or a corpus", SummaryMagic::new),
          new Entry("train", false, "trains model on corpus: %train --steps 500", TrainMagic::new),
          new Entry(
              "evaluate",
              false,
              "bits per byte of model on a split, and by context",
              EvaluateMagic::new),
          new Entry(
              "generate",
              false,
              "lets model write: %generate \"Call me\" --bytes 300",
              GenerateMagic::new),
          new Entry("plot", false, "draws the loss curve of run", PlotMagic::new));

  private final Session session;

  MagicCommands(Session session) {
    this.session = session;
  }

  /**
   * Parses the arguments and runs the magic.
   *
   * @throws IllegalArgumentException if the arguments are wrong; nothing has happened then
   */
  @Nullable Object run(Entry entry, List<String> arguments, @Nullable String body)
      throws Exception {
    Callable<?> command = entry.command().apply(new Call(session, body == null ? "" : body));
    try {
      new CommandLine(command)
          .setCommandName(entry.display())
          .setCaseInsensitiveEnumValuesAllowed(true)
          .parseArgs(arguments.toArray(String[]::new));
    } catch (CommandLine.ParameterException e) {
      List<String> meant =
          e instanceof CommandLine.UnmatchedArgumentException unmatched
                  && unmatched.isUnknownOption()
              ? unmatched.getSuggestions()
              : List.of();
      String allowed =
          new CommandLine(command)
              .getCommandSpec().options().stream()
                  .map(option -> option.longestName())
                  .collect(Collectors.joining(", "));
      throw new IllegalArgumentException(
          entry.display()
              + ": "
              + e.getMessage()
              + (meant.isEmpty() ? "" : " (did you mean " + meant.get(0) + "?)")
              + (allowed.isEmpty() ? "; it takes no options" : "; options are " + allowed)
              + ". %help "
              + entry.name()
              + " explains them");
    }
    return command.call();
  }

  /**
   * Returns the usage text of a magic.
   *
   * @throws IllegalArgumentException if there is no such magic
   */
  static String usage(Session session, String name) {
    String bare = name.replaceFirst("^%{1,2}", "");
    for (Entry entry : ENTRIES) {
      if (entry.name().equals(bare)) {
        return new CommandLine(entry.command().apply(new Call(session, "")))
            .setCommandName(entry.display())
            .getUsageMessage(CommandLine.Help.Ansi.OFF);
      }
    }
    List<String> names = new ArrayList<>();
    ENTRIES.forEach(entry -> names.add(entry.name()));
    throw new IllegalArgumentException(
        "there is no help on \"" + name + "\"; known are " + String.join(", ", names));
  }
}
