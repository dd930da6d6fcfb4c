package org.megalab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The tests that the table of deviations names are there. */
class DeviationsTest {
  private static final Path ROOT = Path.of(System.getProperty("megalab.root"));

  private static Set<String> cited(String pattern, String text) {
    return Pattern.compile(pattern)
        .matcher(text)
        .results()
        .map(MatchResult::group)
        .map(name -> name.replace("`", ""))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void everyNamedTestExists() throws IOException {
    String text = Files.readString(ROOT.resolve("docs/deviations.md"));
    List<Path> sources;
    try (Stream<Path> files = Files.walk(ROOT.resolve("tests/src/test/java"))) {
      sources = files.filter(file -> file.toString().endsWith(".java")).toList();
    }
    Set<String> cited = cited("`[A-Z]\\w*(Test|Contract)\\.\\w+`", text);
    assertThat(cited).hasSizeGreaterThan(60);
    Set<String> missing = new TreeSet<>();
    for (String name : cited) {
      int dot = name.indexOf('.');
      String file = name.substring(0, dot) + ".java";
      boolean there = false;
      for (Path source : sources) {
        there |=
            source.endsWith(file)
                && Files.readString(source).contains("void " + name.substring(dot + 1) + "(");
      }
      if (!there) {
        missing.add(name);
      }
    }
    assertThat(missing).isEmpty();
  }

  @Test
  void everyNamedRecordingExists() throws IOException {
    String text = Files.readString(ROOT.resolve("docs/deviations.md"));
    Path golden = ROOT.resolve("tests/src/test/resources/golden");
    Set<String> cited =
        cited("`(official|megabyte|mega|transformer|perceiver|llama)_\\w+`|`s4d`", text);
    assertThat(cited).hasSizeGreaterThan(10);
    for (String name : cited) {
      assertThat(golden.resolve(name + ".safetensors")).exists();
    }
  }
}
