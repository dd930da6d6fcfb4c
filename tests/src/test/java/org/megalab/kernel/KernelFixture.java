package org.megalab.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.megalab.notebook.KernelClient;
import org.megalab.notebook.KernelMessage;

/** A real kernel process for the tests of one class. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(60)
abstract class KernelFixture {
  static final Duration LIMIT = Duration.ofSeconds(30);

  KernelClient kernel;

  /** The kernel's working directory. */
  Path folder;

  @BeforeAll
  void start(@TempDir Path folder) throws Exception {
    this.folder = folder;
    kernel = KernelClient.start(KernelSpec::command, folder, Map.of());
  }

  @AfterAll
  void stop() {
    kernel.close();
  }

  /** What one cell gave. */
  record Ran(KernelMessage reply, List<KernelMessage> published) {
    String stdout() {
      return stream("stdout");
    }

    String stream(String name) {
      StringBuilder text = new StringBuilder();
      published.stream()
          .filter(m -> m.type().equals("stream") && m.text("name").equals(name))
          .forEach(m -> text.append(m.text("text")));
      return text.toString();
    }

    String result() {
      return published.stream()
          .filter(m -> m.type().equals("execute_result"))
          .map(m -> m.content().getAsJsonObject("data").get("text/plain").getAsString())
          .findFirst()
          .orElse("");
    }

    String status() {
      return reply.text("status");
    }

    String traceback() {
      List<String> lines = new ArrayList<>();
      if (!reply.content().has("traceback")) {
        return "";
      }
      JsonArray traceback = reply.content().getAsJsonArray("traceback");
      traceback.forEach(line -> lines.add(line.getAsString().replaceAll("\u001b\\[[0-9;]*m", "")));
      return String.join("\n", lines);
    }
  }

  Ran run(String code) throws IOException, InterruptedException, TimeoutException {
    return await(kernel.sendExecute(code, true));
  }

  /**
   * Interrupts a cell when it has published so many messages of a type, and lets it end.
   *
   * @param within how long it may take from the interrupt on
   */
  Ran interruptAfter(String code, String type, int messages, Duration within) throws Exception {
    String id = kernel.sendExecute(code, true);
    List<KernelMessage> published = new ArrayList<>();
    long[] seen = {0, 0};
    KernelMessage reply =
        kernel.await(
            id,
            LIMIT,
            message -> {
              published.add(message);
              if (message.type().equals(type) && ++seen[0] == messages) {
                seen[1] = System.nanoTime();
                kernel.interrupt();
              }
            });
    assertThat(Duration.ofNanos(System.nanoTime() - seen[1])).isLessThan(within);
    return new Ran(reply, published);
  }

  Ran await(String id) throws IOException, InterruptedException, TimeoutException {
    List<KernelMessage> published = new ArrayList<>();
    return new Ran(kernel.await(id, LIMIT, published::add), published);
  }
}
