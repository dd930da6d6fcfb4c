package org.megalab.cli;

import java.io.File;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A classic Jupyter server of its own: its home, its settings and its kernels lie in one folder, so
 * that it neither sees nor changes the user's. Ending it ends its kernels.
 */
final class JupyterServer implements AutoCloseable {
  private static final int START_SECONDS = 120;

  private final Process process;
  private final Path log;
  private final int port;
  private final String token = UUID.randomUUID().toString();

  /**
   * Starts a server and waits until it answers.
   *
   * @param folder an empty folder for everything but the notebooks
   * @param kernels a data folder of Jupyter's that holds the kernel
   * @param notebooks what the server shows
   */
  JupyterServer(Path folder, Path kernels, Path notebooks) throws Exception {
    log = folder.resolve("jupyter.log");
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    ProcessBuilder builder =
        new ProcessBuilder(
            "jupyter",
            "notebook",
            "--no-browser",
            "--allow-root",
            "--ip=127.0.0.1",
            "--port=" + port,
            "--port-retries=0",
            "--NotebookApp.token=" + token,
            "--notebook-dir=" + notebooks);
    Path home = Files.createDirectories(folder.resolve("home"));
    builder.environment().putAll(environment(home));
    builder.environment().put("JUPYTER_PATH", kernels.toString());
    process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    try {
      awaitAnswer();
    } catch (IOException | InterruptedException | RuntimeException e) {
      close();
      throw e;
    }
  }

  /** Variables that keep a program's files below {@code home}. */
  static Map<String, String> environment(Path home) {
    return Map.of(
        "HOME", home.toString(),
        "XDG_CONFIG_HOME", home.resolve(".config").toString(),
        "XDG_CACHE_HOME", home.resolve(".cache").toString(),
        "XDG_DATA_HOME", home.resolve(".local/share").toString(),
        "JUPYTER_CONFIG_DIR", home.resolve(".jupyter").toString(),
        "JUPYTER_DATA_DIR", home.resolve(".local/share/jupyter").toString(),
        "JUPYTER_RUNTIME_DIR", home.resolve(".local/share/jupyter/runtime").toString(),
        "IPYTHONDIR", home.resolve(".ipython").toString());
  }

  /** Those of some programs that are not on the path. */
  static List<String> missing(String... programs) {
    return Stream.of(programs).filter(program -> onPath(program) == null).toList();
  }

  /** Where a program is; null if it is not on the path. */
  static @Nullable Path onPath(String program) {
    return Arrays.stream(System.getenv("PATH").split(File.pathSeparator, -1))
        .map(folder -> Path.of(folder, program))
        .filter(Files::isExecutable)
        .findFirst()
        .orElse(null);
  }

  private void awaitAnswer() throws IOException, InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
    while (!answers()) {
      if (!process.isAlive() || System.nanoTime() > deadline) {
        throw new IOException("Jupyter does not answer: " + Files.readString(log));
      }
      Thread.sleep(100);
    }
  }

  private boolean answers() {
    try {
      var connection = (HttpURLConnection) URI.create(url("api/status")).toURL().openConnection();
      return connection.getResponseCode() == 200;
    } catch (IOException e) {
      return false;
    }
  }

  /** The address of something below the server's root, with the token. */
  String url(String path) {
    return "http://127.0.0.1:%d/%s?token=%s".formatted(port, path, token);
  }

  /** The server's process and its kernels. */
  Stream<ProcessHandle> processes() {
    return Stream.concat(Stream.of(process.toHandle()), process.descendants());
  }

  @Override
  public void close() {
    Processes.end(process.toHandle());
  }
}
