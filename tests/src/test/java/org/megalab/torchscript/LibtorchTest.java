package org.megalab.torchscript;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.engine.EngineException;
import java.io.IOException;
import java.io.InputStream;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which libtorch is refused before it is loaded, on made-up folders. */
class LibtorchTest {

  private static final String LIBRARY = System.mapLibraryName("torch");
  private static final String JNI = System.mapLibraryName("djl_torch");

  @TempDir Path root;

  private final Map<String, String> settings = new HashMap<>();
  private Path lib;
  private Path cache;

  @BeforeEach
  void folders() throws IOException {
    lib = Files.createDirectories(root.resolve("torch/lib"));
    cache = Files.createDirectories(root.resolve("cache"));
    Files.writeString(lib.resolve(LIBRARY), "");
    Files.writeString(lib.resolve(System.mapLibraryName("torch_cuda")), "");
    settings.put(
        "PYTORCH_LIBRARY_PATH", root.resolve("nothing") + java.io.File.pathSeparator + lib);
    settings.put("PYTORCH_FLAVOR", "cu128");
  }

  private void check() {
    new Libtorch.Choice(settings::get, cache, "2.7.1", "0.35.1", "linux-x86_64").check();
  }

  private void python(String version) throws IOException {
    Files.writeString(
        lib.resolveSibling("version.py"),
        "from typing import Optional\n__version__ = '%s'\ncuda: Optional[str] = '13.0.2'\n"
            .formatted(version));
  }

  /** DJL's own JNI library, as it lies on the class path of this build. */
  private static void copyPublished(Path to) throws IOException {
    Files.createDirectories(to.getParent());
    try (InputStream in =
        LibtorchTest.class.getResourceAsStream("/jnilib/linux-x86_64/cu128/libdjl_torch.so")) {
      Files.copy(in, to);
    }
  }

  @Test
  void theVersionStandsBesideTheLibraries() throws IOException {
    assertThat(Libtorch.versionOf(lib)).isEmpty();
    Path header = lib.resolveSibling("include/torch/csrc/api/include/torch/version.h");
    Files.createDirectories(header.getParent());
    Files.writeString(
        header, "#define TORCH_VERSION_MAJOR 2\n#define TORCH_VERSION \\\n  \"2.6.0\"\n");
    assertThat(Libtorch.versionOf(lib)).isEqualTo("2.6.0");
    python("2.11.0+cu130");
    assertThat(Libtorch.versionOf(lib)).isEqualTo("2.11.0");
    Files.writeString(lib.resolveSibling("build-version"), "2.7.1+cu128\n");
    assertThat(Libtorch.versionOf(lib)).isEqualTo("2.7.1");
    assertThat(Libtorch.versionOf(Path.of("pytorch/2.5.1-20250812-cpu-linux-x86_64")))
        .isEqualTo("2.5.1");
    assertThat(Libtorch.versionOf(Path.of("pytorch/lib"))).isEmpty();
  }

  @Test
  void theSameVersionIsTaken() throws IOException {
    python("2.7.1+cu128");
    assertThatCode(this::check).doesNotThrowAnyException();
  }

  @Test
  void withoutTheVariableNothingIsAsked() {
    settings.clear();
    assertThatCode(this::check).doesNotThrowAnyException();
  }

  @Test
  void anotherVersionIsRefused() throws IOException {
    python("2.11.0+cu130");
    assertThatThrownBy(this::check)
        .isInstanceOf(LibtorchException.class)
        .hasMessageStartingWith("libtorch 2.11.0 was found in " + lib)
        .hasMessageContaining("for libtorch 2.7.1: together they would crash")
        .hasMessageContaining("Install PyTorch 2.7.1")
        .hasMessageContaining("-Pcuda")
        .hasMessageContaining("MEGALAB_LIBTORCH_UNCHECKED=1");
    settings.put("PYTORCH_VERSION", "2.11.0"); // DJL would fetch a JNI library for it
    assertThatCode(this::check).doesNotThrowAnyException();
    settings.put("PYTORCH_VERSION", "2.7.1");
    assertThatThrownBy(this::check).isInstanceOf(LibtorchException.class);
    settings.put(Libtorch.UNCHECKED, "1");
    assertThatCode(this::check).doesNotThrowAnyException();
  }

  @Test
  void aPublishedJniLibraryIsForOneVersionWhereverItLies() throws IOException {
    python("2.11.0+cu130");
    settings.put("PYTORCH_VERSION", "2.11.0");
    copyPublished(cache.resolve("2.11.0-cu128-linux-x86_64").resolve("0.35.1-" + JNI));
    assertThatThrownBy(this::check).hasMessageContaining("libtorch 2.7.1: together");
    copyPublished(lib.resolve(JNI));
    settings.remove("PYTORCH_VERSION");
    assertThatThrownBy(this::check).hasMessageContaining("libtorch 2.7.1: together");
  }

  /** As on a machine with libtorch 2.11 and the JNI library compiled for it. */
  @Test
  void aJniLibraryOfOnesOwnIsTakenAsItIs() throws IOException {
    python("2.11.0+cu130");
    settings.put("PYTORCH_VERSION", "2.7.1");
    assertThatThrownBy(this::check).isInstanceOf(LibtorchException.class);
    Path own = cache.resolve("2.7.1-cu128-linux-x86_64").resolve("0.35.1-" + JNI);
    Files.createDirectories(own.getParent());
    Files.writeString(own, "compiled here");
    assertThatCode(this::check).doesNotThrowAnyException();
    Files.delete(own);
    Files.writeString(lib.resolve(JNI), "compiled here");
    assertThatCode(this::check).doesNotThrowAnyException();
  }

  @Test
  void aFolderWithoutLibtorchIsRefused() {
    settings.put("PYTORCH_LIBRARY_PATH", root.toString());
    assertThatThrownBy(this::check)
        .isInstanceOf(LibtorchException.class)
        .hasMessageContaining("PYTORCH_LIBRARY_PATH=" + root + " holds no " + LIBRARY);
    settings.put("PYTORCH_LIBRARY_PATH", lib.resolve(LIBRARY).toString());
    assertThatCode(this::check).doesNotThrowAnyException();
  }

  @Test
  void theKindMustBeSaidAndBeThere() throws IOException {
    settings.remove("PYTORCH_FLAVOR");
    assertThatThrownBy(this::check)
        .hasMessageContaining("PYTORCH_FLAVOR is not set")
        .hasMessageContaining("cu128 (or cpu)");
    Files.delete(lib.resolve(System.mapLibraryName("torch_cuda")));
    settings.put("PYTORCH_FLAVOR", "cu128");
    assertThatThrownBy(this::check).hasMessageContaining("without CUDA; set it to cpu");
    settings.put("PYTORCH_FLAVOR", "cpu");
    assertThatCode(this::check).doesNotThrowAnyException();
  }

  @Test
  void aFailedStartSaysWhatToDo() {
    EngineException offline =
        new EngineException(
            "Failed to save pytorch index file", new UnknownHostException("server.example"));
    assertThat(Libtorch.explained(offline))
        .isInstanceOf(LibtorchException.class)
        .hasCause(offline)
        .hasMessageContaining("could not fetch it from its server")
        .hasMessageContaining("build without -Pcuda");
    EngineException symbol =
        new EngineException(
            "Failed to load PyTorch native library",
            new UnsatisfiedLinkError("libdjl_torch.so: undefined symbol: _ZN5torch3jit"));
    assertThat(Libtorch.explained(symbol))
        .isInstanceOf(LibtorchException.class)
        .hasMessageContaining("undefined symbol: _ZN5torch3jit")
        .hasMessageContaining("another version");
    EngineException other = new EngineException("something else");
    assertThat(Libtorch.explained(other)).isSameAs(other);
  }
}
