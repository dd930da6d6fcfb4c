package org.megalab.notebook;

import com.google.gson.JsonObject;
import io.github.spencerpark.jupyter.messages.HMACGenerator;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.megalab.kernel.KernelSpec;

/**
 * A kernel's process with its connection file, which names the ports and the key that only the
 * kernel and its client know, and a file of what the process prints outside cells.
 */
final class KernelProcess implements AutoCloseable {
  private static final int LOG_END = 2_000;

  private final Process process;
  private final Path connectionFile;
  private final Ports ports;
  private final HMACGenerator signer;

  private KernelProcess(Process process, Path connectionFile, Ports ports, HMACGenerator signer) {
    this.process = process;
    this.connectionFile = connectionFile;
    this.ports = ports;
    this.signer = signer;
  }

  /** Where the kernel's sockets listen on this machine. */
  record Ports(int shell, int control, int published, int stdin, int heartbeat) {
    /** Ports that are free now. */
    static Ports free() throws IOException {
      List<ServerSocket> sockets = new ArrayList<>();
      try {
        for (int i = 0; i < 5; i++) {
          sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
        }
        int[] p = sockets.stream().mapToInt(ServerSocket::getLocalPort).toArray();
        return new Ports(p[0], p[1], p[2], p[3], p[4]);
      } finally {
        for (ServerSocket socket : sockets) {
          socket.close();
        }
      }
    }
  }

  /**
   * Starts a kernel; it does not answer yet.
   *
   * @param command makes the command line from the path of the connection file
   * @param folder the kernel's working directory
   * @param environment variables added to those of this process
   */
  static KernelProcess start(
      Function<String, List<String>> command, Path folder, Map<String, String> environment)
      throws IOException {
    Ports ports = Ports.free();
    String key = UUID.randomUUID().toString();
    Path file = connectionFile(ports, key);
    try {
      ProcessBuilder builder =
          new ProcessBuilder(command.apply(file.toString()))
              .directory(folder.toFile())
              .redirectErrorStream(true)
              .redirectOutput(log(file).toFile());
      KernelSpec.ENVIRONMENT.forEach(builder.environment()::putIfAbsent);
      builder.environment().putAll(environment);
      return new KernelProcess(builder.start(), file, ports, signer(key));
    } catch (IOException | RuntimeException e) {
      delete(file);
      throw e;
    }
  }

  private static HMACGenerator signer(String key) {
    try {
      return new HMACGenerator("hmac-sha256", key);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("This Java has no HmacSHA256", e);
    }
  }

  /** Readable by the user alone: its key lets anybody run code. */
  private static Path connectionFile(Ports ports, String key) throws IOException {
    JsonObject json = new JsonObject();
    json.addProperty("transport", "tcp");
    json.addProperty("ip", "127.0.0.1");
    json.addProperty("shell_port", ports.shell());
    json.addProperty("control_port", ports.control());
    json.addProperty("iopub_port", ports.published());
    json.addProperty("stdin_port", ports.stdin());
    json.addProperty("hb_port", ports.heartbeat());
    json.addProperty("signature_scheme", "hmac-sha256");
    json.addProperty("key", key);
    Path file = Files.createTempFile("megalab-kernel-", ".json");
    if (Files.getFileStore(file).supportsFileAttributeView("posix")) {
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }
    return Files.writeString(file, json.toString());
  }

  private static Path log(Path connectionFile) {
    return connectionFile.resolveSibling(connectionFile.getFileName() + ".log");
  }

  private static void delete(Path connectionFile) {
    for (Path file : List.of(connectionFile, log(connectionFile))) {
      try {
        Files.deleteIfExists(file);
      } catch (IOException e) { // Windows deletes no file that a process still holds
        file.toFile().deleteOnExit();
      }
    }
  }

  Ports ports() {
    return ports;
  }

  /** Signs what is sent and checks what is received. */
  HMACGenerator signer() {
    return signer;
  }

  ProcessHandle handle() {
    return process.toHandle();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Whether the process ended within {@code limit}. */
  boolean awaitEnd(Duration limit) throws InterruptedException {
    return process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** The failure of a kernel that has ended, with its exit code. */
  KernelDiedException ended() {
    return died("The kernel's process ended with exit code " + process.exitValue() + ".");
  }

  /** The failure of a kernel with the end of what its process printed outside cells. */
  KernelDiedException died(String what) {
    String text;
    try {
      text = Files.readString(log(connectionFile)).strip();
    } catch (IOException e) { // also what is not UTF-8
      text = "";
    }
    return new KernelDiedException(
        text.isEmpty() ? what : what + "\n" + text.substring(Math.max(0, text.length() - LOG_END)));
  }

  /** Ends the process by force if it is still there. */
  @Override
  public void close() {
    process.destroyForcibly();
    delete(connectionFile);
  }
}
