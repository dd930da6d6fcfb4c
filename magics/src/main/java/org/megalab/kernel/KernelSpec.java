package org.megalab.kernel;

import com.google.gson.GsonBuilder;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.RoundRectangle2D;
import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;

/** The files that tell Jupyter how to start this kernel. */
public final class KernelSpec {
  /** The folder's name below {@code kernels}, and the name in a notebook's metadata. */
  public static final String NAME = "megalab";

  private static final String DISPLAY_NAME = "Java (Megalab)";
  private static final int LOGO_SIZE = 64;

  /**
   * What the kernel's process is to find in its environment. Waiting threads of libtorch spin
   * otherwise, and two kernels on two cores crawl.
   */
  public static final Map<String, String> ENVIRONMENT = Map.of("OMP_WAIT_POLICY", "passive");

  private KernelSpec() {}

  /**
   * The command that starts a kernel with the running Java and its class path.
   *
   * @param connectionFile a path, or Jupyter's {@code {connection_file}}
   */
  public static List<String> command(String connectionFile) {
    List<String> command = java();
    command.add("--add-opens=" + Sources.OPENED);
    Path archive = archive();
    if (archive != null && Files.isReadable(archive)) {
      command.add("-XX:SharedArchiveFile=" + archive);
      command.add("-Xshare:auto"); // one of another jar or Java is passed over
      command.add("-Xlog:cds=off");
      command.add("-Xlog:cds+dynamic=off");
    }
    command.add("-cp");
    command.add(classPath());
    command.add("org.megalab.cli.Main");
    command.add("kernel");
    command.add(connectionFile);
    return List.copyOf(command);
  }

  /** The running Java and the options for it, to be continued. */
  static List<String> java() {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(javaOptions());
    return command;
  }

  /**
   * The file, beside Megalab's jar, of loaded classes that shortens the kernel's start; null where
   * Megalab does not run from a jar.
   */
  public static @Nullable Path archive() {
    String classPath = classPath();
    boolean jar = classPath.endsWith(".jar") && !classPath.contains(File.pathSeparator);
    String name = "kernel-%d.jsa".formatted(Runtime.version().feature());
    return jar ? Path.of(classPath).resolveSibling(name) : null;
  }

  /** The options in {@code MEGALAB_JAVA_OPTS}, quoted like a magic's arguments. */
  public static List<String> javaOptions() {
    String options = System.getenv("MEGALAB_JAVA_OPTS");
    return options == null ? List.of() : MagicArguments.tokenize(options);
  }

  /** The running class path with absolute entries. */
  static String classPath() {
    return String.join(
        File.pathSeparator,
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
            .map(entry -> Path.of(entry).toAbsolutePath().normalize().toString())
            .toList());
  }

  /** Jupyter's data folder of an environment, such as a virtual one. */
  public static Path prefixDataFolder(Path prefix) {
    return prefix.resolve("share").resolve("jupyter");
  }

  /** Jupyter's data folder of the current user. */
  public static Path userDataFolder() {
    return userDataFolder(System.getProperty("os.name"), System.getenv());
  }

  static Path userDataFolder(String osName, Map<String, String> environment) {
    String own = environment.get("JUPYTER_DATA_DIR");
    if (own != null && !own.isBlank()) {
      return Path.of(own);
    }
    Path home = Path.of(System.getProperty("user.home"));
    String os = osName.toLowerCase(Locale.ROOT);
    if (os.startsWith("mac")) {
      return home.resolve("Library").resolve("Jupyter");
    }
    String windows = environment.get("APPDATA");
    if (os.startsWith("windows") && windows != null) {
      return Path.of(windows, "jupyter");
    }
    String data = environment.get("XDG_DATA_HOME");
    return data == null || data.isBlank()
        ? home.resolve(".local").resolve("share").resolve("jupyter")
        : Path.of(data, "jupyter");
  }

  /**
   * Writes the kernel's files below a Jupyter data folder, such as an entry of {@code
   * JUPYTER_PATH}; returns their folder.
   */
  public static Path writeTo(Path dataFolder) throws IOException {
    Path folder = dataFolder.resolve("kernels").resolve(NAME);
    return write(folder, command("{connection_file}"), DISPLAY_NAME, ENVIRONMENT);
  }

  /** Writes {@code kernel.json} and the logo to {@code folder}; returns it. */
  static Path write(
      Path folder, List<String> argv, String displayName, Map<String, String> environment)
      throws IOException {
    Files.createDirectories(folder);
    Map<String, Object> spec = new LinkedHashMap<>();
    spec.put("argv", argv);
    spec.put("display_name", displayName);
    spec.put("language", "java");
    spec.put("interrupt_mode", "message");
    spec.put("env", environment);
    spec.put("metadata", Map.of("debugger", false));
    String json = new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create().toJson(spec);
    Files.writeString(folder.resolve("kernel.json"), json + "\n");
    ImageIO.write(logo(), "png", folder.resolve("logo-64x64.png").toFile());
    return folder;
  }

  /** Bytes in patches: four columns of blocks, the last block still to be predicted. */
  private static BufferedImage logo() {
    BufferedImage image = new BufferedImage(LOGO_SIZE, LOGO_SIZE, BufferedImage.TYPE_INT_ARGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    graphics.setColor(new Color(0x1F2A44));
    graphics.fill(new RoundRectangle2D.Double(0, 0, LOGO_SIZE, LOGO_SIZE, 14, 14));
    for (int column = 0; column < 4; column++) {
      for (int row = 0; row < 4; row++) {
        boolean predicted = column == 3 && row == 3;
        graphics.setColor(
            predicted ? new Color(0xFF9F1C) : new Color(0x5B + 30 * column, 0x8D, 0xEF));
        graphics.fill(new RoundRectangle2D.Double(8 + 12.5 * column, 8 + 12.5 * row, 10, 10, 3, 3));
      }
    }
    graphics.dispose();
    return image;
  }
}
