package org.megalab.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The script {@code megalab} in a made-up project, with made-up {@code java} and {@code mvn}. */
@DisabledOnOs(OS.WINDOWS)
class LauncherTest {
  @TempDir private Path folder;

  private Path script;
  private Path jar;
  private Path source;
  private Path bin;

  @BeforeEach
  void project() throws IOException {
    Path root = Files.createDirectories(folder.resolve("a project"));
    script =
        Files.copy(Path.of(System.getProperty("megalab.root"), "megalab"), root.resolve("megalab"));
    assertThat(script.toFile().setExecutable(true)).isTrue();
    Files.writeString(root.resolve("pom.xml"), "");
    source = Files.createDirectories(root.resolve("src/src")).resolve("A.java");
    Files.writeString(source, "");
    jar = Files.createDirectories(root.resolve("magics/target")).resolve("megalab.jar");
    bin = Files.createDirectories(folder.resolve("bin"));
    for (String tool :
        List.of("bash", "env", "dirname", "readlink", "sed", "head", "find", "touch")) {
      String place = Files.exists(Path.of("/usr/bin", tool)) ? "/usr/bin/" : "/bin/";
      program(tool, "exec " + place + tool + " \"$@\"");
    }
    program(
        "java",
        "[ \"$1\" = -version ] && echo 'openjdk version \"17.0.1\"' >&2 && exit; echo \"in $PWD: $*\"");
    program(
        "mvn",
        "[ \"$1\" = -version ] && echo 'Apache Maven 3.8.7' && exit; : > magics/target/megalab.jar; echo building >&2");
  }

  private void program(String name, String body) throws IOException {
    Path file = Files.writeString(bin.resolve(name), "#!/bin/sh\n" + body + "\n");
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }

  private void built() throws IOException {
    Files.writeString(jar, "");
    Files.setLastModifiedTime(jar, FileTime.from(Instant.now().plusSeconds(60)));
  }

  private record Ran(int code, String output) {}

  private Ran run(Path launched, String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(launched.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
    builder.environment().clear();
    builder.environment().put("PATH", bin.toString());
    builder.environment().put("MEGALAB_JAVA_OPTS", "-Xmx1g -ea");
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Ran(process.waitFor(), output);
  }

  @Test
  void aBuiltProjectNeedsNoMavenAndKeepsArgumentsAndFolder() throws Exception {
    built();
    Files.delete(bin.resolve("mvn"));
    Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("a project/megalab"));
    for (Path launched : List.of(script, link)) {
      Ran ran = run(launched, "run", "a b.ipynb", "");
      assertThat(ran.code()).isZero();
      assertThat(ran.output())
          .isEqualTo(
              "in %s: -Xmx1g -ea -jar %s run a b.ipynb \n"
                  .formatted(folder.toRealPath(), jar.toRealPath()));
    }
  }

  @Test
  void aMissingJarIsBuiltAndAFreshOneIsNot() throws Exception {
    assertThat(run(script, "x").output()).contains("megalab: building", "-jar");
    assertThat(jar).exists();
    assertThat(run(script, "x").output()).doesNotContain("building");
    Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(60)));
    assertThat(run(script, "x").output()).contains("megalab: building");
  }

  @Test
  void whatWasBuiltForCudaIsBuiltForCudaAgain() throws Exception {
    program(
        "mvn",
        "[ \"$1\" = -version ] && echo 'Apache Maven 3.8.7' && exit; : > magics/target/megalab.jar; echo \"with $*\" >&2");
    Path libraries = jar.resolveSibling("classes/META-INF/megalab/libraries.txt");
    Files.createDirectories(libraries.getParent());
    Files.writeString(libraries, "   ai.djl.pytorch:pytorch-engine:jar:0.35.1:compile\n");
    assertThat(run(script).output()).contains("with -q").doesNotContain("-Pcuda"); // no jar yet
    Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(60)));
    assertThat(run(script).output()).contains("-Pcuda");
    Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(120)));
    Files.writeString(libraries, "   ai.djl.pytorch:pytorch-native-cpu:jar:2.7.1:runtime\n");
    assertThat(run(script).output()).contains("with -q").doesNotContain("-Pcuda");
  }

  @Test
  void whatIsMissingOrTooOldIsSaid() throws Exception {
    program("mvn", "echo 'Apache Maven 3.6.3'");
    assertThat(run(script))
        .isEqualTo(
            new Ran(1, "megalab: Maven 3.6 is too old. Building Megalab needs 3.8 or newer.\n"));
    Files.delete(bin.resolve("mvn"));
    assertThat(run(script).output()).contains("Maven is missing");
    program("java", "echo 'openjdk version \"11.0.2\"' >&2");
    assertThat(run(script).output()).contains("Java 11 is too old");
    Files.delete(bin.resolve("java"));
    assertThat(run(script))
        .matches(ran -> ran.code() == 1 && ran.output().contains("Java is missing"));
  }
}
