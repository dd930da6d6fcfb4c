package org.megalab.kernel;

import io.github.spencerpark.jupyter.channels.ShellHandler;
import io.github.spencerpark.jupyter.channels.ShellReplyEnvironment;
import io.github.spencerpark.jupyter.kernel.display.DisplayData;
import io.github.spencerpark.jupyter.kernel.display.mime.MIMEType;
import io.github.spencerpark.jupyter.messages.Message;
import io.github.spencerpark.jupyter.messages.MessageType;
import io.github.spencerpark.jupyter.messages.publish.PublishError;
import io.github.spencerpark.jupyter.messages.publish.PublishExecuteInput;
import io.github.spencerpark.jupyter.messages.publish.PublishExecuteResult;
import io.github.spencerpark.jupyter.messages.request.ExecuteRequest;
import java.io.PrintStream;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Runs cells, one after the other, and answers for them whatever happens. */
final class ExecuteHandler implements ShellHandler<ExecuteRequest> {
  /** Requests arriving this soon after a failing cell count as queued behind it. */
  private static final int ABORT_QUIET_MILLIS = 30;

  private final JavaKernel kernel;
  private final KernelConnection connection;
  private final Set<String> aborted = new HashSet<>();
  private final MemoryReserve reserve = new MemoryReserve();

  /** What the shell thread does while a cell runs: mostly nothing. */
  private final BlockingQueue<Runnable> shellWork = new LinkedBlockingQueue<>();

  ExecuteHandler(JavaKernel kernel, KernelConnection connection) {
    this.kernel = kernel;
    this.connection = connection;
  }

  @Override
  public void handle(ShellReplyEnvironment environment, Message<ExecuteRequest> message) {
    environment.setBusyDeferIdle();
    if (aborted.remove(message.getHeader().getId())) {
      KernelServer.reply(
          environment, message, MessageType.EXECUTE_REPLY, Map.of("status", "aborted"));
      return;
    }
    ExecuteRequest request = message.getContent();
    int count = kernel.beginCell(request.isSilent());
    kernel.getCommManager().setMessageContext(message);
    if (!request.isSilent()) {
      environment.publish(new PublishExecuteInput(request.getCode(), count));
      if (request.shouldStoreHistory()) {
        kernel.history().add(count, request.getCode());
      }
    }
    Cell cell = new Cell(message, connection.publisher(), kernel, request.isStdinEnabled());
    CompletableFuture<Map<String, Object>> reply = new CompletableFuture<>();
    kernel
        .cells()
        .execute(
            () -> {
              try {
                reply.complete(run(request, cell, count));
              } finally {
                reply.complete(Map.of("status", "aborted")); // only if that failed
                shellWork.add(() -> {}); // wakes the shell thread
              }
            });
    Map<String, Object> content = await(reply);
    if ("error".equals(content.get("status")) && request.shouldStopOnError()) {
      abortQueued();
    }
    KernelServer.reply(environment, message, MessageType.EXECUTE_REPLY, content);
  }

  private Future<?> interruptAfter(@Nullable Duration timeout) {
    return timeout == null
        ? CompletableFuture.completedFuture(null)
        : kernel.timer().schedule(kernel::interrupt, timeout.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Serves the cell's requests for input until its reply is there, or the kernel is shut down. */
  private Map<String, Object> await(CompletableFuture<Map<String, Object>> reply) {
    try {
      while (!reply.isDone() && connection.isOpen()) {
        Runnable work = shellWork.poll(100, TimeUnit.MILLISECONDS);
        if (work != null) {
          work.run();
        }
      }
      return reply.isDone() ? reply.join() : Map.of("status", "aborted");
    } catch (InterruptedException e) {
      throw new IllegalStateException("The shell thread was interrupted", e);
    }
  }

  /** Runs the cell on the cell thread; whatever happens, there is a reply. */
  private Map<String, Object> run(ExecuteRequest request, Cell cell, int count) {
    cell.enter();
    Future<?> timeout = interruptAfter(kernel.settings().timeout());
    Map<String, Object> content = new LinkedHashMap<>();
    content.put("execution_count", count);
    try {
      if (!request.isSilent()) {
        kernel.reportStart();
      }
      DisplayData result = kernel.eval(request.getCode());
      if (kernel.cells().isInterrupted()) {
        throw Tracebacks.interrupted(null);
      }
      if (result != null && !request.isSilent()) {
        cell.publish(new PublishExecuteResult(count, result));
      }
      content.put("status", "ok");
      content.put("user_expressions", userExpressions(request));
      content.put("payload", List.of());
    } catch (Throwable e) { // errors too: a cell that exhausts the heap must not hang the kernel
      reserve.releaseIfExhausted(e);
      CellFailure failure = failure(e);
      cell.publish(
          new PublishError(failure.errorName(), failure.errorValue(), failure.traceback()));
      content.put("status", "error");
      content.putAll(errorFields(failure));
    } finally {
      timeout.cancel(false);
      flush(System.out);
      flush(System.err);
      cell.flush();
      reserve.refill();
    }
    return content;
  }

  /**
   * Flushes also the encoder inside a print stream, which {@code flush()} does not reach: a print
   * that was stopped half-way leaves its text there, and it would come out in the next cell.
   */
  private static void flush(PrintStream stream) {
    stream.print("");
    stream.flush();
  }

  private CellFailure failure(Throwable error) {
    CellFailure failure =
        error instanceof CellFailure own
            ? own
            : error instanceof Exception ? Tracebacks.magic(error) : Tracebacks.internal(error);
    boolean interrupted =
        kernel.cells().isInterrupted() && !failure.errorName().equals("Interrupted");
    return interrupted ? Tracebacks.interrupted(failure) : failure;
  }

  private static Map<String, Object> errorFields(CellFailure failure) {
    return Map.of(
        "ename", failure.errorName(),
        "evalue", failure.errorValue(),
        "traceback", failure.traceback());
  }

  private Map<String, Object> userExpressions(ExecuteRequest request) {
    Map<String, Object> results = new LinkedHashMap<>();
    Map<String, String> expressions = request.getUserExpr();
    if (expressions != null) {
      expressions.forEach((name, code) -> results.put(name, userExpression(code)));
    }
    return results;
  }

  private Map<String, Object> userExpression(String code) {
    Map<String, Object> result = new LinkedHashMap<>();
    try {
      Object value = kernel.evalRaw(code);
      DisplayData data = NotebookFunctions.render(value == null ? "null" : value);
      result.put("status", "ok");
      result.put("data", Map.of("text/plain", String.valueOf(data.getData(MIMEType.TEXT_PLAIN))));
      result.put("metadata", Map.of());
    } catch (Exception e) {
      result.put("status", "error");
      result.putAll(errorFields(failure(e)));
    }
    return result;
  }

  private void abortQueued() {
    for (Message<?> queued : connection.readAhead(ABORT_QUIET_MILLIS)) {
      if (queued.getContent() instanceof ExecuteRequest) {
        aborted.add(queued.getHeader().getId());
      }
    }
  }

  /** Reads a line for the cell thread, or null; the shell thread does the talking. */
  @Nullable String readLine(String prompt, boolean password) {
    Cell cell = Cell.current();
    if (cell == null || !cell.inputAllowed()) {
      return null;
    }
    cell.flush();
    CompletableFuture<@Nullable String> line = new CompletableFuture<>();
    shellWork.add(() -> ask(cell, prompt, password, line));
    String text = line.join();
    return text == null ? null : text + System.lineSeparator();
  }

  private void ask(
      Cell cell, String prompt, boolean password, CompletableFuture<@Nullable String> line) {
    try {
      line.complete(
          connection.readInput(cell.request(), prompt, password, kernel.cells()::isInterrupted));
    } catch (RuntimeException e) { // a malformed answer
      line.completeExceptionally(e);
    }
  }
}
