package org.megalab.kernel;

import io.github.spencerpark.jupyter.channels.JupyterSocket;
import io.github.spencerpark.jupyter.channels.ShellReplyEnvironment;
import io.github.spencerpark.jupyter.kernel.JupyterIO;
import io.github.spencerpark.jupyter.kernel.KernelConnectionProperties;
import io.github.spencerpark.jupyter.messages.Message;
import io.github.spencerpark.jupyter.messages.MessageType;
import io.github.spencerpark.jupyter.messages.publish.PublishStream.StreamType;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Serves one {@link JavaKernel} to Jupyter until it is shut down. */
public final class KernelServer {
  private final JavaKernel kernel;
  private final KernelConnection connection;
  private final ExecuteHandler cells;

  private KernelServer(JavaKernel kernel, KernelConnection connection) {
    this.kernel = kernel;
    this.connection = connection;
    this.cells = new ExecuteHandler(kernel, connection);
  }

  /**
   * Runs a kernel with the sockets that Jupyter's connection file names; returns when a client has
   * shut it down or the process that started it has ended.
   *
   * @throws IOException if the connection file cannot be read
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
    connection.setHandler(MessageType.EXECUTE_REQUEST, cells);
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
    System.setIn(new CellInput(() -> cells.readLine("", false)));
    CellEnvironment environment = new CellEnvironment(connection.publisher(), cells::readLine);
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
}
