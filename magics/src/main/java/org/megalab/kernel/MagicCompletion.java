package org.megalab.kernel;

import io.github.spencerpark.jupyter.kernel.ReplacementOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import jdk.jshell.JShell;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** Completion and help of a magic's name, its options, their values, variables and files. */
final class MagicCompletion {
  private static final Pattern LINE =
      Pattern.compile(
          "(?:\\A|.*[\\n=])\\s*(?<mark>%%?)(?<name>[\\p{L}\\p{N}_.-]*)(?:(?<args>[ \\t][^\\n]*))?",
          Pattern.DOTALL);

  private final MagicRegistry magics;
  private final Function<String, @Nullable CommandLine> commands;

  MagicCompletion(MagicRegistry magics, Function<String, @Nullable CommandLine> commands) {
    this.magics = magics;
    this.commands = commands;
  }

  /** What may stand behind {@code before}; null if that is not in the line of a known magic. */
  @Nullable ReplacementOptions complete(String before, JShell shell) {
    Matcher line = LINE.matcher(before);
    if (!line.matches()) {
      return null;
    }
    String arguments = line.group("args");
    if (arguments == null) {
      return names(line, before.length());
    }
    String display = line.group("mark") + line.group("name");
    if (!isKnown(line.group("mark"), line.group("name"))) {
      return null; // Java's remainder operator
    }
    int start = before.length() - arguments.length() + arguments.lastIndexOf(' ') + 1;
    String word = before.substring(start);
    List<String> found = arguments(commands.apply(display), arguments, word, shell);
    return new ReplacementOptions(found, start, before.length());
  }

  /** Whether a name is registered as a line or a cell magic. */
  private boolean isKnown(String mark, String name) {
    return (mark.equals("%") ? magics.lineNames() : magics.cellNames()).contains(name);
  }

  private ReplacementOptions names(Matcher line, int cursor) {
    String mark = line.group("mark");
    int start = line.start("mark");
    boolean first = line.group().substring(0, start).isBlank();
    Stream<String> lineMagics = magics.lineNames().stream().map(name -> "%" + name);
    Stream<String> cellMagics = magics.cellNames().stream().map(name -> "%%" + name);
    List<String> names =
        Stream.concat(
                mark.equals("%") ? lineMagics : Stream.empty(), first ? cellMagics : Stream.empty())
            .filter(
                name ->
                    name.startsWith(mark + line.group("name"))
                        || name.startsWith("%" + mark + line.group("name")))
            .toList();
    return new ReplacementOptions(names, start, cursor);
  }

  private static List<String> arguments(
      @Nullable CommandLine command, String arguments, String word, JShell shell) {
    List<String> given = List.of(arguments.strip().split("\\s+", -1));
    List<OptionSpec> options = command == null ? List.of() : command.getCommandSpec().options();
    if (word.startsWith("-")) {
      return options.stream()
          .filter(
              o ->
                  o.isMultiValue()
                      || !given.contains(o.longestName())
                      || word.equals(o.longestName()))
          .map(OptionSpec::longestName)
          .filter(name -> name.startsWith(word))
          .sorted()
          .toList();
    }
    int previous = given.size() - (word.isEmpty() ? 1 : 2);
    for (OptionSpec option : options) {
      boolean hasValue = previous >= 0 && List.of(option.names()).contains(given.get(previous));
      if (hasValue && option.arity().max() > 0 && option.completionCandidates() != null) {
        return StreamSupport.stream(option.completionCandidates().spliterator(), false)
            .filter(value -> value.startsWith(word))
            .toList();
      }
    }
    List<String> found = new ArrayList<>();
    positional(command, given.subList(0, previous + 1))
        .filter(name -> name.startsWith(word))
        .forEach(found::add);
    shell.variables().map(v -> v.name()).filter(n -> n.startsWith(word)).forEach(found::add);
    found.addAll(files(word));
    return found;
  }

  /** The names that may stand behind some words, where that is no option's value. */
  private static Stream<String> positional(@Nullable CommandLine command, List<String> before) {
    if (command == null) {
      return Stream.empty();
    }
    int index = 0;
    for (int i = 0; i < before.size(); i++) {
      OptionSpec option = command.getCommandSpec().findOption(before.get(i));
      if (option != null) {
        i += option.arity().min(); // its values
      } else if (!before.get(i).isEmpty() && !before.get(i).startsWith("-")) {
        index++;
      }
    }
    int at = index;
    return command.getCommandSpec().positionalParameters().stream()
        .filter(each -> each.index().contains(at) && each.completionCandidates() != null)
        .flatMap(each -> StreamSupport.stream(each.completionCandidates().spliterator(), false));
  }

  /** Files and folders that a word begins to name. */
  private static List<String> files(String word) {
    int slash = word.lastIndexOf('/');
    String folder = word.substring(0, slash + 1);
    try (Stream<Path> files = Files.list(Path.of(folder.isEmpty() ? "." : folder))) {
      return files
          .filter(file -> file.getFileName().toString().startsWith(word.substring(slash + 1)))
          .filter(file -> !file.getFileName().toString().startsWith(".") && word.length() > 0)
          .map(f -> folder + f.getFileName() + (Files.isDirectory(f) ? "/" : ""))
          .sorted()
          .toList();
    } catch (IOException | RuntimeException e) {
      return List.of();
    }
  }

  /** The help of the magic whose name ends {@code before}; null if there is none. */
  @Nullable String help(String before) {
    Matcher line = LINE.matcher(before.stripTrailing());
    if (!line.matches() || !isKnown(line.group("mark"), line.group("name"))) {
      return null;
    }
    String display = line.group("mark") + line.group("name");
    CommandLine command = commands.apply(display);
    return command == null
        ? display + ": a " + (display.startsWith("%%") ? "cell" : "line") + " magic"
        : command.getUsageMessage(CommandLine.Help.Ansi.OFF);
  }
}
