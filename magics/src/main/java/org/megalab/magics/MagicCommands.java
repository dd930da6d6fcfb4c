package org.megalab.magics;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.megalab.json.Nearest;
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
   * @param magics all magics
   * @param body the cell below the magic's line
   */
  record Call(MagicCommands magics, String body) {
    Session session() {
      return magics.session();
    }
  }

  private static final List<Entry> LIBRARY =
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
          new Entry("plot", false, "draws the loss curve of run", PlotMagic::new),
          new Entry(
              "compare",
              false,
              "runs side by side, with their curves: %compare first second",
              CompareMagic::new),
          new Entry(
              "ablate", true, "a study from JSON: live table, then its figures", AblateMagic::new),
          new Entry(
              "study",
              false,
              "runs a study of the papers' questions, or one of a folder",
              StudyMagic::new),
          new Entry("runs", false, "lists the runs in a folder", RunsMagic::new),
          new Entry("stop", false, "ends a training in the background", StopMagic::new),
          new Entry("save", false, "writes a model: %save model best", SaveMagic::new),
          new Entry("load", false, "reads a model or a run: %load best", LoadMagic::new),
          new Entry("bench", false, "measures the speed of models", BenchMagic::new),
          new Entry("who", false, "lists models, data and runs", WhoMagic::new),
          new Entry("vars", false, "lists all variables", VarsMagic::new),
          new Entry("time", false, "takes the time of a line of Java", TimeMagic::new),
          new Entry("time", true, "takes the time of a cell", TimeMagic::new));

  private final Session session;
  private final List<Entry> entries = new CopyOnWriteArrayList<>(LIBRARY);

  MagicCommands(Session session) {
    this.session = session;
  }

  Session session() {
    return session;
  }

  /** Those of the library, and behind them those that were added. */
  List<Entry> entries() {
    return List.copyOf(entries);
  }

  /** Adds one, or replaces the one of its name. */
  void add(Entry added) {
    entries.removeIf(entry -> entry.display().equals(added.display()));
    entries.add(added);
  }

  /** What picocli knows of a magic such as {@code %train}; null if there is none. */
  @Nullable CommandLine command(String display) {
    return entries.stream()
        .filter(entry -> entry.display().equals(display))
        .findFirst()
        .map(this::line)
        .orElse(null);
  }

  /** The command of an entry, to be asked about. */
  private CommandLine line(Entry entry) {
    return line(entry, entry.command().apply(new Call(this, "")));
  }

  private CommandLine line(Entry entry, Callable<?> command) {
    return new CommandLine(command, new Candidates.Factory(this))
        .setCommandName(entry.display())
        .setCaseInsensitiveEnumValuesAllowed(true);
  }

  /**
   * Parses the arguments and runs the magic.
   *
   * @throws IllegalArgumentException if the arguments are wrong; nothing has happened then
   */
  @Nullable Object run(Entry entry, List<String> arguments, @Nullable String body)
      throws Exception {
    Callable<?> command = entry.command().apply(new Call(this, body == null ? "" : body));
    try {
      line(entry, command).parseArgs(arguments.toArray(String[]::new));
    } catch (CommandLine.ParameterException e) {
      throw new IllegalArgumentException(wrong(entry, e), e);
    }
    return command.call();
  }

  /** What was wrong, what may have been meant, and what is allowed. */
  private static String wrong(Entry entry, CommandLine.ParameterException e) {
    List<String> allowed =
        e.getCommandLine().getCommandSpec().options().stream()
            .map(option -> option.longestName())
            .toList();
    String meant = "";
    if (e instanceof CommandLine.UnmatchedArgumentException unmatched
        && unmatched.isUnknownOption()) {
      String written = unmatched.getUnmatched().get(0).replaceFirst("=.*", "");
      meant = Nearest.of(written, allowed).map(name -> " (did you mean " + name + "?)").orElse("");
    }
    return "%s: %s%s; %s. %%help %s explains them"
        .formatted(
            entry.display(),
            e.getMessage(),
            meant,
            allowed.isEmpty() ? "it takes no options" : "options are " + String.join(", ", allowed),
            entry.name());
  }

  /**
   * Returns the usage text of a magic; of one that is both for lines and for cells, both.
   *
   * @param name with its percent signs, or without
   * @throws IllegalArgumentException if there is no such magic
   */
  String usage(String name) {
    String usage =
        entries.stream()
            .filter(entry -> name.equals(entry.display()) || name.equals(entry.name()))
            .map(this::line)
            .map(line -> line.getUsageMessage(CommandLine.Help.Ansi.OFF))
            .collect(Collectors.joining("\n"));
    if (usage.isEmpty()) {
      List<String> names = entries.stream().map(Entry::name).distinct().toList();
      throw new IllegalArgumentException(
          "there is no help on \"%s\"%s; known are %s"
              .formatted(
                  name,
                  Nearest.of(name, names).map(near -> " (did you mean " + near + "?)").orElse(""),
                  String.join(", ", names)));
    }
    return usage;
  }
}
