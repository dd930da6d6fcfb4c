package org.megalab.notebook;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.zeromq.SocketType;
import org.zeromq.ZMQ;

/**
 * A kernel in a child process, and its client. One thread may use it, except that {@link
 * #interrupt} may come from another.
 */
public final class KernelClient implements AutoCloseable {
  private static final Duration START_LIMIT = Duration.ofSeconds(60);

  /** How often a silent kernel is greeted, and one whose publications do not arrive yet. */
  private static final Duration GREETING_INTERVAL = Duration.ofSeconds(1);

  private static final Duration SUBSCRIPTION_INTERVAL = Duration.ofMillis(50);
  private static final int POLL_MILLIS = 20;

  private final KernelProcess process;
  private final ZMQ.Context context = ZMQ.context(1);
  private final ZMQ.Socket shell = context.socket(SocketType.DEALER);
  private final ZMQ.Socket control = context.socket(SocketType.DEALER);
  private final ZMQ.Socket published = context.socket(SocketType.SUB);
  private final ZMQ.Socket input = context.socket(SocketType.DEALER);
  private final ZMQ.Poller poller = context.poller(3);
  private final String session = UUID.randomUUID().toString();
  private final Deque<KernelMessage> replies = new ArrayDeque<>();
  private final Deque<KernelMessage> publications = new ArrayDeque<>();
  private @Nullable Function<KernelMessage, String> answers;
  private Consumer<KernelMessage> others = message -> {};

  private KernelClient(KernelProcess process) {
    this.process = process;
    byte[] identity = session.getBytes(StandardCharsets.US_ASCII); // by it, questions find us
    shell.setIdentity(identity);
    input.setIdentity(identity);
    connect(shell, process.ports().shell());
    connect(input, process.ports().stdin());
    connect(control, process.ports().control());
    published.subscribe(ZMQ.SUBSCRIPTION_ALL);
    connect(published, process.ports().published());
    poller.register(shell, ZMQ.Poller.POLLIN);
    poller.register(published, ZMQ.Poller.POLLIN);
    poller.register(input, ZMQ.Poller.POLLIN);
  }

  private static void connect(ZMQ.Socket socket, int port) {
    socket.setLinger(0);
    socket.setHWM(0);
    socket.connect("tcp://127.0.0.1:" + port);
  }

  /**
   * Starts a kernel and waits until it answers.
   *
   * @param command makes the command line from the path of the connection file
   * @param folder the kernel's working directory
   * @param environment variables added to those of this process
   * @throws KernelDiedException if the process ends, or is silent for a minute
   */
  public static KernelClient start(
      Function<String, List<String>> command, Path folder, Map<String, String> environment)
      throws IOException, InterruptedException {
    KernelClient client = new KernelClient(KernelProcess.start(command, folder, environment));
    try {
      client.awaitReady();
      return client;
    } catch (IOException | InterruptedException | RuntimeException e) {
      client.close();
      throw e;
    }
  }

  /** Greets the kernel until it has answered and its publications arrive, which takes longer. */
  private void awaitReady() throws IOException, InterruptedException {
    long start = System.nanoTime();
    long greeted = start - GREETING_INTERVAL.toNanos();
    boolean answered = false;
    while (!answered || publications.isEmpty()) {
      long now = System.nanoTime();
      if (now - start > START_LIMIT.toNanos()) {
        throw process.died("The kernel did not answer within " + START_LIMIT.toSeconds() + " s.");
      }
      Duration interval = answered ? SUBSCRIPTION_INTERVAL : GREETING_INTERVAL;
      if (now - greeted >= interval.toNanos()) {
        send("kernel_info_request", new JsonObject());
        greeted = now;
      }
      pump();
      answered |= !replies.isEmpty();
    }
    settle();
  }

  /** Lets the answers to further greetings pass. */
  private void settle() throws IOException, InterruptedException {
    KernelMessage last = request("kernel_info_request", new JsonObject(), START_LIMIT);
    awaitIdle(last.parentId(), START_LIMIT, message -> {});
    replies.clear();
    publications.clear();
  }

  /** Sends a shell request without waiting; returns its id. */
  public String send(String type, JsonObject content) {
    return send(shell, type, content);
  }

  private String send(ZMQ.Socket socket, String type, JsonObject content) {
    JsonObject header = new JsonObject();
    String id = UUID.randomUUID().toString();
    header.addProperty("msg_id", id);
    header.addProperty("session", session);
    header.addProperty("username", "megalab");
    header.addProperty("date", Instant.now().toString());
    header.addProperty("msg_type", type);
    header.addProperty("version", "5.3");
    Iterator<byte[]> frames = KernelMessage.encode(header, content, process.signer()).iterator();
    while (frames.hasNext()) {
      byte[] frame = frames.next();
      socket.send(frame, frames.hasNext() ? ZMQ.SNDMORE : 0);
    }
    return id;
  }

  /** Lets the cells that follow ask for input; with null they find it at its end. */
  public void onInput(@Nullable Function<KernelMessage, String> answer) {
    answers = answer;
  }

  /** Receives what is published for requests other than the one being awaited. */
  public void onOthers(Consumer<KernelMessage> consumer) {
    others = consumer;
  }

  /** Sends an execute request without waiting; returns its id. */
  public String sendExecute(String code, boolean stopOnError) {
    JsonObject content = new JsonObject();
    content.addProperty("code", code);
    content.addProperty("silent", false);
    content.addProperty("store_history", true);
    content.add("user_expressions", new JsonObject());
    content.addProperty("allow_stdin", answers != null);
    content.addProperty("stop_on_error", stopOnError);
    return send("execute_request", content);
  }

  /**
   * Runs a cell to its end.
   *
   * @param published receives each output message as it arrives
   * @return the execute reply
   * @throws TimeoutException if the cell takes longer than {@code limit}; it goes on running
   * @throws KernelDiedException if the kernel's process ends
   */
  public KernelMessage execute(
      String code, @Nullable Duration limit, Consumer<KernelMessage> published)
      throws IOException, InterruptedException, TimeoutException {
    return await(sendExecute(code, true), limit, published);
  }

  /** Waits for the reply to request {@code id} and for all its publications. */
  public KernelMessage await(String id, @Nullable Duration limit, Consumer<KernelMessage> published)
      throws IOException, InterruptedException, TimeoutException {
    Duration patience = limit == null ? Duration.ofDays(365) : limit;
    if (!awaitIdle(id, patience, published)) {
      throw new TimeoutException("no end after " + patience.toMillis() / 1000.0 + " s");
    }
    KernelMessage reply = replyTo(id, START_LIMIT);
    if (reply == null) {
      throw process.died("The kernel became idle without a reply.");
    }
    return reply;
  }

  /** Sends a shell request and waits for its reply. */
  public KernelMessage request(String type, JsonObject content, Duration limit)
      throws IOException, InterruptedException {
    KernelMessage reply = replyTo(send(type, content), limit);
    if (reply == null) {
      throw process.died("The kernel did not answer a " + type + ".");
    }
    return reply;
  }

  private @Nullable KernelMessage replyTo(String id, Duration limit)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    while (true) {
      for (KernelMessage reply : replies) {
        if (reply.parentId().equals(id)) {
          replies.remove(reply);
          return reply;
        }
      }
      if (System.nanoTime() > deadline) {
        return null;
      }
      pump();
    }
  }

  private boolean awaitIdle(String id, Duration limit, Consumer<KernelMessage> published)
      throws IOException, InterruptedException {
    long start = System.nanoTime();
    while (System.nanoTime() - start < limit.toNanos()) {
      KernelMessage message = publications.poll();
      if (message == null) {
        pump();
      } else if (message.parentId().equals(id)) {
        if (message.type().equals("status") && message.text("execution_state").equals("idle")) {
          return true;
        }
        published.accept(message);
      } else {
        others.accept(message);
      }
    }
    return false;
  }

  /** Moves what has arrived into the queues; waits a moment if there is nothing. */
  private void pump() throws IOException, InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    boolean alive = process.isAlive();
    if (poller.poll(POLL_MILLIS) > 0) {
      if (poller.pollin(0)) {
        replies.add(receive(shell));
      }
      while (poller.pollin(1) && (published.getEvents() & ZMQ.Poller.POLLIN) != 0) {
        publications.add(receive(published));
      }
      if (poller.pollin(2)) {
        answer(receive(input));
      }
    } else if (!alive) {
      throw process.ended();
    }
  }

  private void answer(KernelMessage question) {
    if (answers != null && question.type().equals("input_request")) {
      JsonObject content = new JsonObject();
      content.addProperty("value", answers.apply(question));
      send(input, "input_reply", content);
    }
  }

  private KernelMessage receive(ZMQ.Socket socket) {
    List<byte[]> frames = new ArrayList<>();
    do {
      frames.add(socket.recv());
    } while (socket.hasReceiveMore());
    return KernelMessage.decode(frames, process.signer());
  }

  /** Asks the kernel to interrupt the running cell. */
  public void interrupt() {
    synchronized (control) {
      send(control, "interrupt_request", new JsonObject());
    }
  }

  /**
   * Asks the kernel to end and waits for it.
   *
   * @return whether its process ended within {@code limit}
   */
  public boolean shutdown(boolean restart, Duration limit) throws InterruptedException {
    JsonObject content = new JsonObject();
    content.addProperty("restart", restart);
    synchronized (control) {
      send(control, "shutdown_request", content);
    }
    return process.awaitEnd(limit);
  }

  /** The kernel's process. */
  public ProcessHandle process() {
    return process.handle();
  }

  /** Ends the kernel, by force if it does not go. */
  @Override
  public void close() {
    try {
      if (process.isAlive()) {
        boolean unused = shutdown(false, Duration.ofSeconds(3));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      process.close();
    }
    poller.close();
    shell.close();
    input.close();
    control.close();
    published.close();
    context.close();
  }
}
