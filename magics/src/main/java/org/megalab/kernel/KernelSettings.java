package org.megalab.kernel;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the environment variables say.
 *
 * <ul>
 *   <li>{@code IJAVA_CLASSPATH}: more jars and folders for cells, separated as on {@code java -cp},
 *       globs allowed
 *   <li>{@code IJAVA_COMPILER_OPTS}: options for the compiler, quoted like a magic's arguments
 *   <li>{@code IJAVA_STARTUP_SCRIPTS_PATH}: files, or globs of files, run before the first cell
 *   <li>{@code IJAVA_STARTUP_SCRIPT}: code run after those files
 *   <li>{@code IJAVA_TIMEOUT}: milliseconds after which a cell is interrupted; 0 or less: never
 * </ul>
 *
 * @param addedPaths what cells may use beyond the class path of the process
 * @param compilerOptions options for the compiler of cells
 * @param startupScripts texts run before the first cell
 * @param timeout the longest a cell may take; null: as long as it likes
 * @param problems what is wrong with the variables, one line each; all the rest is honoured
 */
record KernelSettings(
    List<String> addedPaths,
    List<String> compilerOptions,
    List<String> startupScripts,
    @Nullable Duration timeout,
    List<String> problems) {

  /** Reads the settings; what is wrong is put down, for the notebook to tell. */
  static KernelSettings of(Map<String, String> environment) {
    List<String> problems = new ArrayList<>();
    List<String> added = new ArrayList<>();
    for (String entry : entries(environment.get("IJAVA_CLASSPATH"))) {
      expand("IJAVA_CLASSPATH", entry, problems).forEach(path -> added.add(path.toString()));
    }
    List<String> scripts = new ArrayList<>();
    for (String entry : entries(environment.get("IJAVA_STARTUP_SCRIPTS_PATH"))) {
      for (Path file : expand("IJAVA_STARTUP_SCRIPTS_PATH", entry, problems)) {
        try {
          scripts.add(Files.readString(file));
        } catch (IOException e) {
          problems.add(
              "IJAVA_STARTUP_SCRIPTS_PATH: " + file + " cannot be read: " + e.getMessage());
        }
      }
    }
    String script = environment.getOrDefault("IJAVA_STARTUP_SCRIPT", "");
    if (!script.isBlank()) {
      scripts.add(script);
    }
    return new KernelSettings(
        List.copyOf(added),
        compilerOptions(environment.getOrDefault("IJAVA_COMPILER_OPTS", ""), problems),
        List.copyOf(scripts),
        timeout(environment.getOrDefault("IJAVA_TIMEOUT", ""), problems),
        List.copyOf(problems));
  }

  private static List<Path> expand(String variable, String entry, List<String> problems) {
    try {
      return ClassPathMagic.expand(entry);
    } catch (IOException | IllegalArgumentException e) {
      problems.add(variable + ": " + e.getMessage());
      return List.of();
    }
  }

  private static List<String> compilerOptions(String text, List<String> problems) {
    try {
      return MagicArguments.tokenize(text);
    } catch (IllegalArgumentException e) {
      problems.add("IJAVA_COMPILER_OPTS: " + e.getMessage());
      return List.of();
    }
  }

  private static List<String> entries(@Nullable String path) {
    return path == null || path.isBlank()
        ? List.of()
        : List.of(path.split(Pattern.quote(File.pathSeparator), -1)).stream()
            .filter(entry -> !entry.isBlank())
            .toList();
  }

  private static @Nullable Duration timeout(String text, List<String> problems) {
    if (text.isBlank()) {
      return null;
    }
    try {
      long millis = Long.parseLong(text.strip());
      return millis <= 0 ? null : Duration.ofMillis(millis);
    } catch (NumberFormatException e) {
      problems.add("IJAVA_TIMEOUT: it must be a whole number of milliseconds, but is: " + text);
      return null;
    }
  }
}
