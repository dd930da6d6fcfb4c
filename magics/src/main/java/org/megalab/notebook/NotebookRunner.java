package org.megalab.notebook;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Executes a notebook in a kernel of its own, in the notebook's folder, and stores the outputs.
 *
 * @param command makes the kernel's command line from the path of its connection file
 * @param timeout the longest a cell may take; null: as long as it likes
 * @param printed receives what the cells print, as they print it
 * @param progress receives one line a cell, and the traceback of one that fails
 */
public record NotebookRunner(
    Function<String, List<String>> command,
    @Nullable Duration timeout,
    PrintStream printed,
    PrintStream progress) {

  private static final Pattern COLOUR = Pattern.compile("\u001b\\[[0-9;]*m");

  /**
   * How a run ended.
   *
   * @param failedCell the number of the code cell that failed, counted from 1; 0 if none did
   * @param error the failing cell's error in one line; empty if none failed
   */
  public record Result(int failedCell, String error) {
    /** Whether every cell succeeded. */
    public boolean succeeded() {
      return failedCell == 0;
    }
  }

  /**
   * Runs every code cell up to the first that fails, and writes the notebook with its outputs to
   * {@code output}, which may be {@code input}. A whole run gets an {@link ExecutionStamp}.
   *
   * @throws IOException if a file cannot be read or written, or the kernel does not start
   */
  public Result run(Path input, Path output) throws IOException, InterruptedException {
    Notebook notebook = Notebook.read(input);
    notebook.codeCells().forEach(Notebook.CodeCell::clear);
    ExecutionStamp.remove(notebook);
    Path parent = input.toAbsolutePath().getParent();
    Path folder = parent == null ? Path.of("").toAbsolutePath() : parent;
    Path target = output.toAbsolutePath().getParent();
    if (target != null && !Files.isDirectory(target)) {
      throw new IOException("There is no folder " + target + " to write the outputs to");
    }
    Result result = new Result(0, "");
    try (KernelClient kernel = KernelClient.start(command, folder, Map.of())) {
      KernelMessage info =
          kernel.request("kernel_info_request", new JsonObject(), Duration.ofSeconds(60));
      CellOutputs outputs = new CellOutputs();
      List<Notebook.CodeCell> cells = notebook.codeCells();
      for (int i = 0; i < cells.size() && result.succeeded(); i++) {
        result = execute(kernel, cells.get(i), outputs, i + 1, cells.size());
      }
      if (result.succeeded()) {
        ExecutionStamp.write(notebook, info.content());
      }
      notebook.write(output);
    }
    return result;
  }

  private Result execute(
      KernelClient kernel, Notebook.CodeCell cell, CellOutputs outputs, int number, int total)
      throws InterruptedException {
    if (cell.source().isBlank()) {
      return new Result(0, "");
    }
    long start = System.nanoTime();
    outputs.begin();
    Result result;
    int count = 0;
    try {
      KernelMessage reply =
          kernel.execute(
              cell.source(),
              timeout,
              message -> {
                outputs.accept(message);
                stream(message);
              });
      count =
          reply.content().has("execution_count")
              ? reply.content().get("execution_count").getAsInt()
              : 0;
      boolean ok = reply.text("status").equals("ok");
      result =
          ok
              ? new Result(0, "")
              : new Result(number, reply.text("ename") + ": " + reply.text("evalue"));
    } catch (TimeoutException e) {
      result = new Result(number, "Timeout: " + e.getMessage());
    } catch (IOException e) {
      result = new Result(number, String.valueOf(e.getMessage()));
    }
    JsonArray recorded = outputs.toJson();
    cell.record(count, recorded);
    double seconds = (System.nanoTime() - start) / 1e9;
    progress.printf(
        Locale.ROOT,
        "cell %d/%d %s %.1f s%n",
        number,
        total,
        result.succeeded() ? "done in" : "FAILED after",
        seconds);
    return result;
  }

  private void stream(KernelMessage message) {
    if (message.type().equals("stream") && message.text("name").equals("stdout")) {
      printed.print(message.text("text"));
      printed.flush();
    } else if (message.type().equals("error")) {
      message
          .content()
          .getAsJsonArray("traceback")
          .forEach(line -> progress.println(COLOUR.matcher(line.getAsString()).replaceAll("")));
    }
  }
}
