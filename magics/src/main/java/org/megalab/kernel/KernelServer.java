package org.megalab.kernel;

import io.github.spencerpark.jupyter.channels.JupyterSocket;
import io.github.spencerpark.jupyter.channels.ShellReplyEnvironment;
import io.github.spencerpark.jupyter.kernel.JupyterIO;
import io.github.spencerpark.jupyter.kernel.KernelConnectionProperties;
import io.github.spencerpark.jupyter.kernel.display.DisplayData;
import io.github.spencerpark.jupyter.kernel.display.mime.MIMEType;
import io.github.spencerpark.jupyter.messages.Message;
import io.github.spencerpark.jupyter.messages.MessageType;
import io.github.spencerpark.jupyter.messages.publish.PublishError;
import io.github.spencerpark.jupyter.messages.publish.PublishExecuteInput;
import io.github.spencerpark.jupyter.messages.publish.PublishExecuteResult;
import io.github.spencerpark.jupyter.messages.publish.PublishStream.StreamType;
import io.github.spencerpark.jupyter.messages.request.ExecuteRequest;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
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
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Serves one {@link JavaKernel} to Jupyter until it is shut down. */
public final class KernelServer {
  /** Requests arriving this soon after a failing cell count as queued behind it. */
  private static final int ABORT_QUIET_MILLIS = 30;

  private final JavaKernel kernel;
  private final KernelConnection connection;
  private final Set<String> aborted = new HashSet<>();
  private final MemoryReserve reserve = new MemoryReserve();

  /** What the shell thread does while a cell runs: mostly nothing. */
  private final BlockingQueue<Runnable> shellWork = new LinkedBlockingQueue<>();

  private KernelServer(JavaKernel kernel, KernelConnection connection) {
    this.kernel = kernel;
    this.connection = connection;
  }

  /**
   * Runs a kernel with the sockets that Jupyter's connection file names; returns when a client has
   * shut it down or the process that started it has ended.
   *
   * @throws IOException if the connection file or a startup script cannot be read
   */
  public static void run(Path connectionFile) throws IOException, GeneralSecurityException {
    System.setProperty("java.awt.headless", "true");
    JavaKernel kernel = new JavaKernel(KernelSettings.of(System.getenv()));
    CompletableFuture<Void> streamsReady = new CompletableFuture<>();
    kernel.start(streamsReady); // takes longest, so it goes first
    JupyterSocket.JUPYTER_LOGGER.setLevel(Level.WARNING);
    Logger.getLogger("").setLevel(Level.WARNING);
    KernelConnectionProperties properties =
        KernelConnectionProperties.parse(Files.readString(connectionFile));
    KernelServer server = new KernelServer(kernel, new KernelConnection(properties));
    server.redirectStreams();
    streamsReady.complete(null);
    server.serve();
  }

  private void serve() {
    kernel.becomeHandlerForConnection(connection);
    connection.setHandler(MessageType.EXECUTE_REQUEST, this::execute);
    connection.setHandler(
        MessageType.KERNEL_INFO_REQUEST, (environment, message) -> info(environment, message));
    connection.setHandler(MessageType.HISTORY_REQUEST, new HistoryHandler(kernel.history()));
    connection.connect();
    ProcessHandle parent = ProcessHandle.current().parent().orElse(null);
    if (parent != null) {
      Future<?> unused = parent.onExit().thenRun(connection::close);
    }
    connection.waitUntilClose();
  }

  private void redirectStreams() {
    System.setOut(
        new PrintStream(new CellStream(StreamType.OUT, System.out), false, StandardCharsets.UTF_8));
    System.setErr(
        new PrintStream(new CellStream(StreamType.ERR, System.err), false, StandardCharsets.UTF_8));
    System.setIn(new CellInput(() -> readLine("", false)));
    CellEnvironment environment = new CellEnvironment(connection.publisher(), this::readLine);
    try { // the library sets these for each cell, in a method that cannot be overridden
      Method setEnv = JupyterIO.class.getDeclaredMethod("setEnv", ShellReplyEnvironment.class);
      setEnv.setAccessible(true);
      setEnv.invoke(kernel.getIO(), environment);
      Method enable = JupyterIO.class.getDeclaredMethod("setJupyterInEnabled", boolean.class);
      enable.setAccessible(true);
      enable.invoke(kernel.getIO(), true);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("This jupyter-jvm-basekernel is not version 2.3.0", e);
    }
  }

  private void info(ShellReplyEnvironment environment, Message<?> message) {
    environment.setBusyDeferIdle();
    Map<String, Object> content = new LinkedHashMap<>();
    content.put("status", "ok");
    content.put("protocol_version", "5.3");
    content.put("implementation", "megalab");
    content.put("implementation_version", Versions.megalab());
    content.put("language_info", kernel.getLanguageInfo());
    content.put("banner", kernel.getBanner());
    reply(environment, message, MessageType.KERNEL_INFO_REPLY, content);
  }

  /** Replies with content that the library has no class for. */
  @SuppressWarnings({"rawtypes", "unchecked"}) // a message type fixes its content's class
  static void reply(
      ShellReplyEnvironment environment,
      Message<?> request,
      MessageType<?> type,
      Map<String, ?> content) {
    environment.reply(new Message(request, type, content));
  }

  private void execute(ShellReplyEnvironment environment, Message<ExecuteRequest> message) {
    environment.setBusyDeferIdle();
    if (aborted.remove(message.getHeader().getId())) {
      reply(environment, message, MessageType.EXECUTE_REPLY, Map.of("status", "aborted"));
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
    reply(environment, message, MessageType.EXECUTE_REPLY, content);
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
  private @Nullable String readLine(String prompt, boolean password) {
    Cell cell = Cell.current();
    if (cell == null || !cell.inputAllowed()) {
      return null;
    }
    cell.flush();
    CompletableFuture<@Nullable String> line = new CompletableFuture<>();
    shellWork.add(
        () ->
            line.complete(
                connection.readInput(
                    cell.request(), prompt, password, kernel.cells()::isInterrupted)));
    String text = line.join();
    return text == null ? null : text + System.lineSeparator();
  }

  /** Standard output or error, led to the cell of the printing thread. */
  private static final class CellStream extends OutputStream {
    private final StreamType type;
    private final PrintStream outsideCells;

    CellStream(StreamType type, PrintStream outsideCells) {
      this.type = type;
      this.outsideCells = outsideCells;
    }

    @Override
    public void write(int b) {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
      Cell cell = Cell.current();
      if (cell == null) {
        outsideCells.write(bytes, offset, length);
        outsideCells.flush();
      } else {
        cell.print(type, bytes, offset, length);
      }
    }
  }
}
