package org.megalab.kernel;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The versions of the libraries on the class path: those that came with Megalab, which the build
 * wrote down, and those that {@code %maven} added.
 */
final class LoadedLibraries {
  private static final String BUNDLED = "/META-INF/megalab/libraries.txt";

  /** {@code group:artifact:jar[:classifier]:version:scope}, as Maven lists dependencies. */
  private static final Pattern LISTED =
      Pattern.compile(
          "\\s*(?<group>[^:\\s]+):(?<artifact>[^:\\s]+):[^:\\s]+:(?:(?<classifier>[^:\\s]+):)?"
              + "(?<version>[^:\\s]+):(?:compile|runtime)\\b.*");

  /**
   * Not for cells: what the jar keeps under names of its own, which cells may load in any version,
   * and large libraries of which it has only the classes that Megalab uses.
   */
  private static final List<String> HIDDEN =
      List.of(
          "org.apache.maven",
          "org.codehaus.plexus",
          "org.apache.httpcomponents",
          "javax.inject",
          "com.google.guava",
          "com.google.code.findbugs",
          "com.google.j2objc",
          "org.checkerframework",
          "com.univocity",
          "io.github.classgraph",
          "commons-codec",
          "commons-io",
          "org.apache.commons:commons-compress",
          "it.unimi.dsi",
          "com.ibm.icu");

  private final Map<String, String> versions = new ConcurrentHashMap<>();
  private boolean bundledAdded;

  /** Reads, once and when first asked, what came with Megalab. */
  private synchronized void addBundled() {
    if (bundledAdded) {
      return;
    }
    bundledAdded = true;
    try (InputStream list = LoadedLibraries.class.getResourceAsStream(BUNDLED)) {
      if (list != null) {
        new BufferedReader(new InputStreamReader(list, StandardCharsets.UTF_8))
            .lines()
            .forEach(this::addListed);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("The list of Megalab's libraries cannot be read", e);
    }
  }

  private void addListed(String line) {
    Matcher listed = LISTED.matcher(line);
    if (listed.matches() && HIDDEN.stream().noneMatch(line.strip()::startsWith)) {
      String classifier = listed.group("classifier");
      add(
          listed.group("group"),
          listed.group("artifact"),
          classifier == null ? "" : classifier,
          listed.group("version"));
    }
  }

  private static String key(String group, String artifact, String classifier) {
    return group + ":" + artifact + (classifier.isEmpty() ? "" : ":" + classifier);
  }

  void add(String group, String artifact, String classifier, String version) {
    versions.put(key(group, artifact, classifier), version);
  }

  /** The loaded version of a library; null if it is not loaded. */
  @Nullable String version(String group, String artifact, String classifier) {
    addBundled();
    return versions.get(key(group, artifact, classifier));
  }
}
