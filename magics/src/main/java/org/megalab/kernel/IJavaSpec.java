package org.megalab.kernel;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import java.util.zip.ZipException;

/**
 * The files that tell Jupyter how to start a user's own IJava with the magics of this library.
 *
 * <p>The jar of this library comes first on the class path, as it brings the newer versions of
 * shared libraries. It must be there from the start of the process: what a cell adds later cannot
 * load libtorch.
 */
public final class IJavaSpec {
  /** The folder's name below {@code kernels}. */
  public static final String NAME = "megalab-ijava";

  private static final String MAIN_CLASS = "io.github.spencerpark.ijava.IJava";
  private static final String STARTUP = "org.megalab.magics.Megalab.install(getKernelInstance());";

  private IJavaSpec() {}

  /**
   * Finds IJava's jar.
   *
   * @param place the jar, or a folder that holds it under its name {@code ijava-VERSION.jar}, such
   *     as the {@code java} of IJava's archive or the kernel's folder of an installed IJava
   * @throws IOException if it is not there or not IJava
   */
  static Path jar(Path place) throws IOException {
    Path path = place.toAbsolutePath().normalize();
    if (!Files.exists(path)) {
      throw new IOException(
          "There is no %s. Give the ijava-1.3.0.jar of IJava's release, or the folder with it."
              .formatted(path));
    }
    Path jar = Files.isDirectory(path) ? inFolder(path) : path;
    try (JarFile file = new JarFile(jar.toFile())) {
      if (file.getEntry(MAIN_CLASS.replace('.', '/') + ".class") == null) {
        throw new IOException(
            "%s is not IJava: it has no class %s. Give the ijava-1.3.0.jar of IJava's release."
                .formatted(jar, MAIN_CLASS));
      }
    } catch (ZipException e) {
      throw new IOException(
          "%s is no jar (%s). Unpack IJava's release and give its ijava-1.3.0.jar."
              .formatted(jar, e.getMessage()),
          e);
    }
    return jar;
  }

  private static Path inFolder(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> jars =
          files.filter(f -> f.getFileName().toString().matches("ijava-.*\\.jar")).sorted().toList();
      if (jars.size() != 1) {
        throw new IOException(
            "%s holds %d files named ijava-VERSION.jar, but must hold one. Give the jar itself."
                .formatted(folder, jars.size()));
      }
      return jars.get(0);
    }
  }

  /**
   * Writes {@code kernel.json} and the logo below a Jupyter data folder; returns their folder.
   *
   * @param place IJava's jar or its folder
   * @throws IOException if IJava is not there, or the files cannot be written
   */
  public static Path writeTo(Path dataFolder, Path place) throws IOException {
    Path jar = jar(place);
    List<String> argv = new ArrayList<>();
    argv.addAll(KernelSpec.java());
    argv.add("-cp");
    argv.add(KernelSpec.classPath() + File.pathSeparator + jar);
    argv.add(MAIN_CLASS);
    argv.add("{connection_file}");
    Map<String, String> environment = new LinkedHashMap<>(KernelSpec.ENVIRONMENT);
    environment.put("IJAVA_STARTUP_SCRIPT", STARTUP);
    return KernelSpec.write(
        dataFolder.resolve("kernels").resolve(NAME), argv, "Java (IJava, Megalab)", environment);
  }
}
