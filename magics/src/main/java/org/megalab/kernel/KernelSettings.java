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
 */
record KernelSettings(
    List<String> addedPaths,
    List<String> compilerOptions,
    List<String> startupScripts,
    @Nullable Duration timeout) {

  /** Reads the settings; paths that name nothing are reported, not skipped. */
  static KernelSettings of(Map<String, String> environment) throws IOException {
    List<String> added = new ArrayList<>();
    for (String entry : entries(environment.get("IJAVA_CLASSPATH"))) {
      ClassPathMagic.expand(entry).forEach(path -> added.add(path.toString()));
    }
    List<String> scripts = new ArrayList<>();
    for (String entry : entries(environment.get("IJAVA_STARTUP_SCRIPTS_PATH"))) {
      for (Path file : ClassPathMagic.expand(entry)) {
        scripts.add(Files.readString(file));
      }
    }
    String script = environment.getOrDefault("IJAVA_STARTUP_SCRIPT", "");
    if (!script.isBlank()) {
      scripts.add(script);
    }
    return new KernelSettings(
        List.copyOf(added),
        MagicArguments.tokenize(environment.getOrDefault("IJAVA_COMPILER_OPTS", "")),
        List.copyOf(scripts),
        timeout(environment.getOrDefault("IJAVA_TIMEOUT", "")));
  }

  private static List<String> entries(@Nullable String path) {
    return path == null || path.isBlank()
        ? List.of()
        : List.of(path.split(Pattern.quote(File.pathSeparator), -1)).stream()
            .filter(entry -> !entry.isBlank())
            .toList();
  }

  private static @Nullable Duration timeout(String text) {
    if (text.isBlank()) {
      return null;
    }
    try {
      long millis = Long.parseLong(text.strip());
      return millis <= 0 ? null : Duration.ofMillis(millis);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "IJAVA_TIMEOUT must be a whole number of milliseconds, but is: " + text, e);
    }
  }
}
