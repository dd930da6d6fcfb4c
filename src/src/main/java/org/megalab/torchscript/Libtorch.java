package org.megalab.torchscript;

import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.util.Platform;
import ai.djl.util.Utils;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Starts the PyTorch engine, after a look at the libtorch that it is told to take.
 *
 * <p>DJL reaches libtorch through a library of its own (the JNI library), which is compiled for one
 * version: with another one a symbol is missing, or an object lies otherwise in memory, and the
 * process ends without a word. So what {@code PYTORCH_LIBRARY_PATH} points at must be of the
 * version that the JNI library is for. A JNI library that somebody has compiled himself, beside
 * that libtorch or in DJL's cache, is taken at its word; {@value #UNCHECKED}{@code =1} turns the
 * check off.
 */
public final class Libtorch {

  /** The environment variable, or system property, that turns the check off. */
  public static final String UNCHECKED = "MEGALAB_LIBTORCH_UNCHECKED";

  private static final String LIBRARY = System.mapLibraryName("torch");
  private static final String JNI = System.mapLibraryName("djl_torch");

  /** DJL 0.35.1's JNI libraries for libtorch 2.7.1, by platform, as SHA-256. */
  private static final Set<String> PUBLISHED =
      Set.of(
          "a5dcc6d0209c57ade7ff6f067a6eb13bb700b9ab316613c01b70b3d74776c9b8", // Linux x86-64, cpu
          "430f667ceffae0dda7fe266b85c2bd70ca1038643a04894c8289207826bf79a2", // Linux x86-64, cu128
          "abc4c105a57ed74f66cf5d97254b3867e5719ea56a986c031cfbe0273cba4413", // Linux aarch64, cpu
          "7915ca0feec794fdc4b082c12ca4491413682578e7045c0f011b649c19ea14e5", // macOS aarch64, cpu
          "d601fed0188e27a6d274dcaf6a1beb64899a92600dd8c91f546cc207e4f72105", // Windows, cpu
          "5205c7a4e30b519cb4f8e46195f3890452f1d651c1efa52f262a9c3a52f19b22"); // Windows, cu128

  private static final Pattern VERSION = Pattern.compile("(\\d+\\.\\d+\\.\\d+)");

  private static boolean started;

  private Libtorch() {}

  /**
   * Returns the engine; the first call loads libtorch.
   *
   * @throws LibtorchException if libtorch and the JNI library do not fit together, or one of them
   *     cannot be had
   */
  public static synchronized Engine engine() {
    if (!started) {
      if (Utils.getEnvOrSystemProperty("PYTORCH_LIBRARY_PATH") != null) {
        Platform platform = Platform.detectPlatform("pytorch");
        new Choice(
                Utils::getEnvOrSystemProperty,
                Utils.getEngineCacheDir("pytorch"),
                platform.getVersion(),
                platform.getApiVersion(),
                platform.getClassifier())
            .check();
      }
      try {
        Engine.getEngine("PyTorch");
      } catch (EngineException e) {
        throw explained(e);
      }
      started = true;
    }
    return Engine.getEngine("PyTorch");
  }

  /**
   * What decides which libraries DJL takes.
   *
   * @param settings gives environment variables
   * @param cache DJL's folder of native libraries
   * @param version of libtorch, where no variable says another
   * @param djlVersion of the engine
   * @param classifier of the platform, such as {@code linux-x86_64}
   */
  record Choice(
      Function<String, @Nullable String> settings,
      Path cache,
      String version,
      String djlVersion,
      String classifier) {

    private String setting(String name) {
      String value = settings.apply(name);
      return value == null ? "" : value;
    }

    /**
     * Compares the libtorch of {@code PYTORCH_LIBRARY_PATH}, if it is set, with the JNI library.
     */
    void check() {
      String place = setting("PYTORCH_LIBRARY_PATH");
      if (place.isEmpty() || setting(UNCHECKED).equals("1")) {
        return;
      }
      Path folder =
          folder(place)
              .orElseThrow(
                  () ->
                      new LibtorchException(
                          "PYTORCH_LIBRARY_PATH=%s holds no %s; set it to the folder of the libraries, such as .../site-packages/torch/lib, or leave it out"
                              .formatted(place, LIBRARY)));
      String flavor = setting("PYTORCH_FLAVOR");
      Optional<Path> jni = jni(folder, flavor);
      if (jni.isPresent() && !PUBLISHED.contains(digest(jni.get()))) {
        return; // somebody's own
      }
      requireFlavor(flavor, folder);
      String needed = jni.isPresent() ? "2.7.1" : numbers(wanted());
      String found = versionOf(folder);
      if (!found.isEmpty() && !found.equals(needed)) {
        throw new LibtorchException(
            ("libtorch %s was found in %s, and DJL's JNI library is for libtorch %s: together they would crash. "
                    + "Install PyTorch %s and point PYTORCH_LIBRARY_PATH at it; or leave that variable out and build with -Pcuda, and DJL fetches one that fits; "
                    + "or compile DJL's JNI library for libtorch %s, put it there as %s, and it is taken as it is (%s=1 leaves out this check)")
                .formatted(found, folder, needed, needed, found, JNI, UNCHECKED));
      }
    }

    private String wanted() {
      return setting("PYTORCH_VERSION").isEmpty() ? version : setting("PYTORCH_VERSION");
    }

    /** The folder that DJL takes: the first one that has the library. */
    private static Optional<Path> folder(String place) {
      return Arrays.stream(place.split(File.pathSeparator, -1))
          .map(Path::of)
          .map(path -> path.endsWith(LIBRARY) ? path.toAbsolutePath().getParent() : path)
          .filter(path -> Files.isRegularFile(path.resolve(LIBRARY)))
          .findFirst();
    }

    /** The JNI library that is there already, in the order in which DJL looks. */
    private Optional<Path> jni(Path folder, String flavor) {
      String cached = wanted() + "-" + flavor + "-" + classifier;
      return Stream.of(
              folder.resolve(djlVersion + "-" + JNI),
              folder.resolve(JNI),
              cache.resolve(cached).resolve(djlVersion + "-" + JNI))
          .filter(Files::exists)
          .findFirst();
    }

    private static void requireFlavor(String flavor, Path folder) {
      boolean cuda = Files.exists(folder.resolve(System.mapLibraryName("torch_cuda")));
      boolean right = flavor.equals("cpu") || cuda && flavor.matches("cu\\d{3}");
      if (!right) {
        throw new LibtorchException(
            "PYTORCH_FLAVOR is %s, and the libtorch in %s is one %s CUDA; set it to %s, the kind of JNI library that DJL is to take"
                .formatted(
                    flavor.isEmpty() ? "not set" : flavor,
                    folder,
                    cuda ? "with" : "without",
                    cuda ? "cu128 (or cpu)" : "cpu"));
      }
    }
  }

  /** The version that lies beside the libraries, as every distribution has it; empty if not. */
  static String versionOf(Path folder) {
    Path here = folder.toAbsolutePath().normalize();
    List<Path> files =
        List.of(
            here.resolveSibling("build-version"), // libtorch's zip
            here.resolveSibling("version.py"), // Python's package
            here.resolveSibling("include/torch/csrc/api/include/torch/version.h"),
            here.resolveSibling("include/torch/headeronly/version.h"));
    for (Path file : files) {
      if (Files.isRegularFile(file)) {
        try {
          String text =
              Files.readAllLines(file).stream()
                  .filter(l -> !l.contains("_MAJOR") && !l.contains("cuda"))
                  .filter(l -> VERSION.matcher(l).find())
                  .findFirst()
                  .orElse("");
          if (!text.isEmpty()) {
            return numbers(text);
          }
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }
    String name = String.valueOf(folder.getFileName()); // DJL's cache: 2.7.1-cu128-linux-x86_64
    return name.matches("\\d+\\.\\d+\\.\\d+-.*(cpu|cu\\d+).*") ? numbers(name) : "";
  }

  private static String numbers(String text) {
    Matcher found = VERSION.matcher(text);
    return found.find() ? found.group(1) : text;
  }

  private static String digest(Path file) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
      return HexFormat.of().formatHex(digest);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Says what to do where the engine did not start. */
  static EngineException explained(EngineException failure) {
    StringBuilder causes = new StringBuilder();
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      boolean first = causes.isEmpty();
      causes.append(first ? "" : ", " + cause.getClass().getSimpleName() + ": ");
      causes.append(cause.getMessage());
    }
    String text = causes.toString().toLowerCase(Locale.ROOT);
    if (text.contains("download") || text.contains("index file")) {
      return new LibtorchException(
          "libtorch is not here yet, and DJL could not fetch it from its server ("
              + causes
              + "). Start once with a connection; or copy the folder pytorch of DJL's cache ("
              + Utils.getEngineCacheDir("pytorch")
              + ") from a machine that has it; or set PYTORCH_LIBRARY_PATH, PYTORCH_VERSION and"
              + " PYTORCH_FLAVOR to a libtorch of your own; or build without -Pcuda for the CPU",
          failure);
    }
    if (text.contains("jni") || text.contains("native library")) {
      return new LibtorchException(
          "libtorch cannot be loaded ("
              + causes
              + "). A symbol that is undefined means a libtorch of another version than the JNI"
              + " library is for; a file that cannot be opened is missing in LD_LIBRARY_PATH, where"
              + " the folders of NVIDIA's libraries belong",
          failure);
    }
    return failure;
  }
}
