package org.megalab.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.megalab.notebook.KernelClient;

/** {@code %maven} against a repository on the disk, which settings.xml makes the mirror of all. */
class MavenMagicTest extends KernelFixture {
  private Path repository;
  private Path home;

  /** The kernel starts with a home of its own, whose settings.xml names the repository. */
  @BeforeAll
  @Override
  void start(@TempDir Path folder) throws Exception {
    repository = Files.createDirectories(folder.resolve("repository"));
    home = folder.resolve("home");
    Files.createDirectories(home.resolve(".m2"));
    Files.writeString(
        home.resolve(".m2/settings.xml"),
        """
        <settings>
          <mirrors><mirror><id>here</id><mirrorOf>*</mirrorOf><url>%s</url></mirror></mirrors>
        </settings>
        """
            .formatted(repository.toUri()));
    deploy(
        "app",
        "1.0",
        "jar",
        "",
        "app:1",
        dependency("middle", "1.0", "jar") + dependency("tested", "1.0", "jar", "test"));
    deploy("middle", "1.0", "bundle", "", "middle:1", dependency("leaf", "1.0", "bundle"));
    deploy("leaf", "1.0", "bundle", "", "leaf:1", "");
    deploy("leaf", "2.0", "jar", "", "leaf:2", "");
    deploy("newer", "1.0", "jar", "", "newer:1", dependency("leaf", "2.0", "jar"));
    deploy("classified", "1.0", "jar", "", "plain", "");
    jar("classified", "1.0", "-extra", "Classified_extra", "extra");
    deploy("broken", "1.0", "jar", "", "broken:1", dependency("vanished", "3.0", "jar"));
    deploy("second", "1.0", "jar", "", "second:1", "");
    deploy("third", "1.0", "jar", "", "third:1", "");
    deploy(
        "tablesaw",
        "9",
        "jar",
        "",
        "unused",
        "<dependency><groupId>tech.tablesaw</groupId><artifactId>tablesaw-core</artifactId><version>0.30.0</version></dependency>");
    kernel =
        KernelClient.start(
            KernelSpec::command, folder, Map.of("JAVA_TOOL_OPTIONS", "-Duser.home=" + home));
  }

  private static String dependency(String artifact, String version, String type) {
    return dependency(artifact, version, type, "compile");
  }

  private static String dependency(String artifact, String version, String type, String scope) {
    return "<dependency><groupId>test.lib</groupId><artifactId>%s</artifactId><version>%s</version><type>%s</type><scope>%s</scope></dependency>"
        .formatted(artifact, version, type, scope);
  }

  private Path place(String artifact, String version) throws IOException {
    return Files.createDirectories(repository.resolve("test/lib/" + artifact + "/" + version));
  }

  /** Puts a jar with a class that tells {@code text} into the repository, with its POM. */
  private void deploy(
      String artifact,
      String version,
      String packaging,
      String suffix,
      String text,
      String dependencies)
      throws IOException {
    Path place = place(artifact, version);
    Files.writeString(
        place.resolve(artifact + "-" + version + ".pom"),
        """
        <project><modelVersion>4.0.0</modelVersion>
          <groupId>test.lib</groupId><artifactId>%s</artifactId><version>%s</version>
          <packaging>%s</packaging><dependencies>%s</dependencies>
        </project>
        """
            .formatted(artifact, version, packaging, dependencies));
    jar(
        artifact,
        version,
        suffix,
        Character.toUpperCase(artifact.charAt(0)) + artifact.substring(1),
        text);
    Path metadata = place.resolveSibling("maven-metadata.xml");
    String versions =
        Files.exists(metadata)
            ? Files.readString(metadata).replaceAll("(?s).*<versions>|</versions>.*", "")
            : "";
    Files.writeString(
        metadata,
        "<metadata><groupId>test.lib</groupId><artifactId>%s</artifactId><versioning><versions>%s<version>%s</version></versions></versioning></metadata>"
            .formatted(artifact, versions, version));
  }

  private void jar(String artifact, String version, String suffix, String type, String text)
      throws IOException {
    Path work = Files.createTempDirectory("classes");
    Path source = work.resolve(type + ".java");
    Files.writeString(
        source,
        "package testlib; public class %s { public static String tell() { return \"%s\"; } }"
            .formatted(type, text));
    assertThat(
            ToolProvider.getSystemJavaCompiler()
                .run(null, null, null, "-d", work.toString(), source.toString()))
        .isZero();
    Path jar = place(artifact, version).resolve(artifact + "-" + version + suffix + ".jar");
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
      out.putNextEntry(new JarEntry("testlib/" + type + ".class"));
      out.write(Files.readAllBytes(work.resolve("testlib").resolve(type + ".class")));
    }
  }

  private String failure(String cell) throws Exception {
    Ran ran = run(cell);
    assertThat(ran.status()).as(cell).isEqualTo("error");
    assertThat(ran.reply().text("ename")).isEqualTo("java.lang.IllegalArgumentException");
    return ran.reply().text("evalue");
  }

  @Test
  void addsALibraryWithAllItNeedsThroughBundlesAndKeepsVersions() throws Exception {
    Ran ran =
        run(
            "%maven test.lib:app:1.0\ntestlib.App.tell() + testlib.Middle.tell() + testlib.Leaf.tell()");
    assertThat(ran.result()).isEqualTo("app:1middle:1leaf:1");
    assertThat(ran.stdout())
        .contains("app-1.0.jar", "middle-1.0.jar", "leaf-1.0.jar")
        .doesNotContain("tested");
    assertThat(home.resolve(".m2/repository/test/lib/leaf/1.0/leaf-1.0.jar")).exists();

    assertThat(run("%maven test.lib:app:1.0").stdout()).contains("nothing to add");
    Ran newer = run("%maven test.lib:newer:1.0\ntestlib.Newer.tell() + testlib.Leaf.tell()");
    assertThat(newer.result()).isEqualTo("newer:1leaf:1");
    assertThat(newer.stdout())
        .contains("kept test.lib:leaf 1.0", "2.0")
        .doesNotContain("leaf-2.0.jar");
    assertThat(home.resolve(".m2/repository/test/lib/leaf/2.0/leaf-2.0.jar")).doesNotExist();
    assertThat(run("%maven test.lib:leaf:2.0").stdout()).contains("kept test.lib:leaf 1.0");
  }

  @Test
  void whatMegalabBringsIsKept() throws Exception {
    Ran ran = run("%maven test.lib:tablesaw:9\nTable.create(\"t\").name()");
    assertThat(ran.result()).isEqualTo("t");
    assertThat(ran.stdout())
        .containsPattern("kept tech.tablesaw:tablesaw-core 0\\.44\\S*,.*0\\.30\\.0");
  }

  @Test
  void classifiersAndSeveralAtOnce() throws Exception {
    Ran ran =
        run(
            "var added = %maven test.lib:classified:1.0:extra test.lib:second:1.0 test.lib:third:1.0");
    assertThat(ran.stdout())
        .contains("classified-1.0-extra.jar", "second-1.0.jar", "third-1.0.jar");
    assertThat(
            run("testlib.Classified_extra.tell() + testlib.Second.tell() + testlib.Third.tell()")
                .result())
        .isEqualTo("extrasecond:1third:1");
    assertThat(run("testlib.Classified.tell()").reply().text("ename")).isEqualTo("CompileError");
    assertThat(failure("%maven test.lib:classified:1.0:nosuch"))
        .contains("classified:jar:nosuch:1.0", "not with the classifier nosuch");
  }

  @Test
  void whatIsMissingIsNamedWithTheReasonAndWhatThereIs() throws Exception {
    assertThat(failure("%maven test.lib:leaf:3.0:x")).contains("test.lib:leaf", "1.0, 2.0");
    assertThat(failure("%maven test.lib:nowhere:1.0"))
        .contains("test.lib:nowhere", "No version of", "--repo");
    assertThat(failure("%maven test.lib:broken:1.0"))
        .contains("vanished:jar:3.0", "It is needed by test.lib:broken:jar:1.0");
    assertThat(run("testlib.Broken.tell()").reply().text("ename")).isEqualTo("CompileError");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "a:b", "a:b:1:c:d:e", "a::1", "--nosuch a:b:1"})
  void wrongArgumentsAreRefused(String arguments) throws Exception {
    assertThat(failure("%maven " + arguments)).containsAnyOf("group:artifact:version", "--repo");
  }

  @Test
  void withoutAConnectionTheLocalRepositoryServes(@TempDir Path folder) throws Exception {
    Path away = Files.createDirectories(folder.resolve("away/.m2"));
    Path localRepository = folder.resolve("local");
    Files.writeString(
        away.resolve("settings.xml"),
        """
        <settings>
          <localRepository>%s</localRepository>
          <mirrors><mirror><id>gone</id><mirrorOf>*</mirrorOf><url>http://127.0.0.1:9/maven</url></mirror></mirrors>
        </settings>
        """
            .formatted(localRepository));
    Path place = Files.createDirectories(localRepository.resolve("test/lib/second/1.0"));
    for (String file : List.of("second-1.0.jar", "second-1.0.pom")) {
      Files.copy(repository.resolve("test/lib/second/1.0").resolve(file), place.resolve(file));
    }
    KernelClient first = kernel;
    try (KernelClient offline =
        KernelClient.start(
            KernelSpec::command,
            folder,
            Map.of("JAVA_TOOL_OPTIONS", "-Duser.home=" + away.getParent()))) {
      kernel = offline;
      assertThat(run("%maven test.lib:second:1.0\ntestlib.Second.tell()").result())
          .isEqualTo("second:1");
      assertThat(failure("%maven test.lib:third:1.0"))
          .contains("127.0.0.1:9", "Without a connection", localRepository.toString());
      List<String> repo = new ArrayList<>(List.of("%maven --repo", repository.toString()));
      assertThat(failure(String.join(" ", repo) + " test.lib:third:1.0")).contains("127.0.0.1:9");
    } finally {
      kernel = first;
    }
  }

  @Test
  void coordinatesAreRead() {
    assertThat(MavenMagic.artifact("g:a:1").toString()).isEqualTo("g:a:jar:1");
    assertThat(MavenMagic.artifact("g:a:1:c").toString()).isEqualTo("g:a:jar:c:1");
    assertThatThrownBy(() -> MavenMagic.artifact("g:a")).hasMessageContaining("\"g:a\"");
  }
}
