package org.megalab.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KernelSpecTest {
  @Test
  void writesWhatJupyterNeeds(@TempDir Path prefix) throws Exception {
    Path folder = KernelSpec.writeTo(KernelSpec.prefixDataFolder(prefix));
    assertThat(folder).isEqualTo(prefix.resolve("share/jupyter/kernels/megalab"));
    JsonObject spec =
        JsonParser.parseString(Files.readString(folder.resolve("kernel.json"))).getAsJsonObject();
    assertThat(spec.get("interrupt_mode").getAsString()).isEqualTo("message");
    assertThat(spec.get("language").getAsString()).isEqualTo("java");
    assertThat(spec.get("display_name").getAsString()).isEqualTo("Java (Megalab)");
    JsonArray argv = spec.getAsJsonArray("argv");
    assertThat(Path.of(argv.get(0).getAsString())).isAbsolute().isExecutable();
    assertThat(argv.get(argv.size() - 1).getAsString()).isEqualTo("{connection_file}");
    assertThat(ImageIO.read(folder.resolve("logo-64x64.png").toFile()).getWidth()).isEqualTo(64);
  }

  @Test
  void knowsTheUsersFolderOnEachSystem() {
    Path home = Path.of(System.getProperty("user.home"));
    assertThat(KernelSpec.userDataFolder("Linux", Map.of()))
        .isEqualTo(home.resolve(".local/share/jupyter"));
    assertThat(KernelSpec.userDataFolder("Mac OS X", Map.of()))
        .isEqualTo(home.resolve("Library/Jupyter"));
    assertThat(KernelSpec.userDataFolder("Windows 11", Map.of("APPDATA", "/roaming")))
        .isEqualTo(Path.of("/roaming/jupyter"));
    assertThat(KernelSpec.userDataFolder("Linux", Map.of("JUPYTER_DATA_DIR", "/data")))
        .isEqualTo(Path.of("/data"));
  }
}
