package org.megalab.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Runs commands as a user who has nothing but an empty home, with a limit on the memory of all
 * processes together. Only root can make one, where it may write control groups and mount.
 *
 * <p>The user exists only in the commands' own mount namespace, and has a Maven repository of hard
 * links: nothing of the machine is changed.
 */
final class Sandbox implements AutoCloseable {
  private static final int USER = 54321;
  private static final Path GROUPS = Path.of("/sys/fs/cgroup");

  /** Arguments: passwd file, group, user, folder, command. */
  private static final String ENTER =
      """
      set -e
      mount --bind "$1" /etc/passwd
      echo $$ > "$2/cgroup.procs"
      user=$3
      cd "$4"
      shift 4
      exec setpriv --reuid "$user" --regid "$user" --clear-groups --no-new-privs -- "$@"
      """;

  private final Path home;
  private final Path users;
  private final Path repository;
  private final Path project;
  private final Path group;

  /**
   * Makes a sandbox.
   *
   * @param folder for its own files; others may enter it
   * @param project becomes the user's, and is where commands run
   * @param limit the bytes of memory that all processes may have together
   */
  Sandbox(Path folder, Path project, long limit) throws IOException, InterruptedException {
    this.project = project;
    home = Files.createDirectories(folder.resolve("home"));
    repository = folder.resolve("repository");
    users = folder.resolve("passwd");
    Files.writeString(
        users,
        Files.readString(Path.of("/etc/passwd"))
            + "stranger:x:%d:%d::%s:/bin/sh%n".formatted(USER, USER, home));
    execute("chmod", "755", folder.toString());
    execute("chown", "-R", USER + ":" + USER, home.toString(), project.toString());
    linkRepository();
    group = newGroup();
    write(
        Files.exists(group.resolve("memory.max")) ? "memory.max" : "memory.limit_in_bytes", limit);
    for (String swap : List.of("memory.swap.max", "memory.swappiness")) {
      if (Files.isWritable(group.resolve(swap))) {
        write(swap, 0);
      }
    }
  }

  /** Why there cannot be one here; null if there can. */
  static @Nullable String unavailable() {
    if (!System.getProperty("user.name").equals("root")) {
      return "only root can limit the memory of another user";
    }
    List<String> missing = JupyterServer.missing("setpriv", "unshare", "mvn", "bash");
    if (!missing.isEmpty()) {
      return "not on PATH: " + missing;
    }
    try {
      Files.delete(newGroup());
      execute("unshare", "--mount", "true");
      return null;
    } catch (IOException | AssertionError e) {
      return "no control group with a memory limit, or no mount namespace: " + e.getMessage();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "interrupted";
    }
  }

  private static Path newGroup() throws IOException {
    Path first = GROUPS.resolve("memory");
    Path group =
        (Files.isDirectory(first) ? first : GROUPS).resolve("megalab-" + UUID.randomUUID());
    Files.createDirectory(group);
    if (!Files.exists(group.resolve("memory.max"))
        && !Files.exists(group.resolve("memory.limit_in_bytes"))) {
      Files.delete(group);
      throw new IOException("the memory controller is off in " + group.getParent());
    }
    return group;
  }

  private void write(String file, long value) throws IOException {
    Files.writeString(group.resolve(file), Long.toString(value));
  }

  /** The user's home. */
  Path home() {
    return home;
  }

  /** Runs a command in the project's folder; it must succeed. */
  void run(Map<String, String> environment, String... command)
      throws IOException, InterruptedException {
    List<String> arguments =
        Stream.concat(
                Stream.of(
                    "unshare",
                    "--mount",
                    "bash",
                    "-c",
                    ENTER,
                    "sandbox",
                    users.toString(),
                    group.toString(),
                    Integer.toString(USER),
                    project.toString()),
                Stream.of(command))
            .toList();
    ProcessBuilder builder = new ProcessBuilder(arguments).redirectErrorStream(true);
    builder.environment().clear();
    builder.environment().putAll(environment);
    builder.environment().put("PATH", System.getenv("PATH"));
    builder.environment().put("HOME", home.toString());
    builder.environment().put("LANG", "C.UTF-8");
    builder.environment().put("MAVEN_OPTS", "-Dmaven.repo.local=" + repository);
    Process process = builder.start();
    try {
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).as("%s%n%s", report(), output).isZero();
    } finally {
      Processes.end(process.toHandle());
    }
  }

  /** The folders become the user's; the files stay root's, to be read. */
  private void linkRepository() throws IOException, InterruptedException {
    String original = mavenRepository().toString();
    try {
      execute("cp", "-al", original, repository.toString());
    } catch (AssertionError e) { // on another file system
      execute("cp", "-a", original, repository.toString());
    }
    String owner = USER + ":" + USER;
    execute(
        "find",
        repository.toString(),
        "-type",
        "d",
        "-exec",
        "chown",
        owner,
        "{}",
        "+",
        "-exec",
        "chmod",
        "755",
        "{}",
        "+");
  }

  /** Surefire names the repository from which this test was built. */
  private static Path mavenRepository() {
    String own = System.getProperty("localRepository");
    return own == null ? Path.of(System.getProperty("user.home"), ".m2/repository") : Path.of(own);
  }

  /** The most memory that was used so far, caches of files included. */
  String report() throws IOException {
    for (String file : List.of("memory.peak", "memory.max_usage_in_bytes")) {
      if (Files.exists(group.resolve(file))) {
        long bytes = Long.parseLong(Files.readString(group.resolve(file)).strip());
        return "at most %d MiB, cached files included".formatted(bytes >> 20);
      }
    }
    return "an unknown amount of memory";
  }

  private static void execute(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(String.join(" ", command) + ": " + output).isZero();
  }

  @Override
  public void close() {
    for (int attempt = 0; attempt < 50 && !group.toFile().delete(); attempt++) {
      LockSupport.parkNanos(100_000_000); // the kernel is still counting the last process out
    }
  }
}
