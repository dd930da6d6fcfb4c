package org.megalab.kernel;

import io.github.spencerpark.jupyter.channels.IOPubChannel;
import io.github.spencerpark.jupyter.channels.JupyterConnection;
import io.github.spencerpark.jupyter.channels.JupyterSocket;
import io.github.spencerpark.jupyter.channels.ShellChannel;
import io.github.spencerpark.jupyter.channels.ShellHandler;
import io.github.spencerpark.jupyter.channels.ShellReplyEnvironment;
import io.github.spencerpark.jupyter.kernel.KernelConnectionProperties;
import io.github.spencerpark.jupyter.messages.Message;
import io.github.spencerpark.jupyter.messages.MessageContext;
import io.github.spencerpark.jupyter.messages.MessageType;
import io.github.spencerpark.jupyter.messages.publish.PublishStatus;
import io.github.spencerpark.jupyter.messages.request.InputRequest;
import java.security.GeneralSecurityException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.logging.Level;
import org.jspecify.annotations.Nullable;
import org.zeromq.ZMQ;
import org.zeromq.ZMQException;

/**
 * The kernel's sockets and their threads. The shell and the control socket are each read, and
 * answered, by one thread of their own; everything published goes through {@link IoPub}.
 */
final class KernelConnection extends JupyterConnection {
  private static final int POLL_MILLIS = 200;

  private final KernelConnectionProperties properties;
  private final ZMQ.Context context = ZMQ.context(1);
  private final IoPub publisher;
  private final Deque<Message<?>> pending = new ArrayDeque<>();
  private final CountDownLatch closed = new CountDownLatch(1);

  KernelConnection(KernelConnectionProperties properties) throws GeneralSecurityException {
    super(properties);
    this.properties = properties;
    this.publisher = new IoPub(context, properties.createHMACGenerator());
  }

  @Override
  public IOPubChannel getIOPub() {
    return publisher;
  }

  IoPub publisher() {
    return publisher;
  }

  @Override
  public ShellReplyEnvironment prepareReplyEnv(ShellChannel channel, MessageContext request) {
    return new RequestEnvironment(channel, publisher, request);
  }

  /** Binds all sockets and starts serving. */
  @Override
  public void connect() {
    publisher.bind(properties);
    publisher.start();
    heartbeat.bind(properties);
    bind(stdin, properties.getStdinPort());
    bind(shell, properties.getShellPort());
    bind(control, properties.getControlPort());
    publisher.sendMessage(new Message<>(null, PublishStatus.MESSAGE_TYPE, PublishStatus.STARTING));
    serve("shell", shell);
    serve("control", control);
  }

  private void bind(JupyterSocket socket, int port) {
    socket.setLinger(1_000);
    socket.bind("%s://%s:%d".formatted(properties.getTransport(), properties.getIp(), port));
  }

  private void serve(String name, ShellChannel channel) {
    Thread thread = new Thread(() -> loop(channel), name);
    thread.setDaemon(true);
    thread.start();
  }

  private void loop(ShellChannel channel) {
    ZMQ.Poller poller = context.poller(1);
    poller.register(channel, ZMQ.Poller.POLLIN);
    while (isOpen()) {
      try {
        Message<?> message = channel == shell ? pending.poll() : null;
        if (message == null && poller.poll(POLL_MILLIS) > 0) {
          message = channel.readMessage();
        }
        if (message != null) {
          dispatch(channel, message);
        }
      } catch (ZMQException e) {
        close();
      } catch (RuntimeException | Error e) { // a malformed or forged message must not end the loop
        warn(e);
      }
    }
  }

  private static void warn(Throwable e) {
    JupyterSocket.JUPYTER_LOGGER.log(Level.WARNING, "A message could not be handled", e);
  }

  @SuppressWarnings({"rawtypes", "unchecked"}) // the library leaves content types open
  private void dispatch(ShellChannel channel, Message<?> message) {
    ShellHandler handler = getHandler((MessageType) message.getHeader().getType());
    if (handler == null) {
      JupyterSocket.JUPYTER_LOGGER.warning("Unknown message " + message.getHeader().getType());
      return;
    }
    ShellReplyEnvironment environment = prepareReplyEnv(channel, message);
    try {
      handler.handle(environment, message);
    } finally {
      environment.resolveDeferrals();
    }
    if (environment.isMarkedForShutdown()) {
      close();
    }
  }

  /**
   * Reads the shell requests that are waiting, or arrive within {@code quietMillis} of each other;
   * they will be dispatched next. Only for handlers of shell requests.
   */
  List<Message<?>> readAhead(int quietMillis) {
    try (ZMQ.Poller poller = context.poller(1)) {
      poller.register(shell, ZMQ.Poller.POLLIN);
      while (poller.poll(quietMillis) > 0) {
        try {
          pending.add(shell.readMessage());
        } catch (RuntimeException e) { // malformed or forged
          warn(e);
        }
      }
    }
    return new ArrayList<>(pending);
  }

  /** Asks the front end for a line; null if the cell was cancelled meanwhile. */
  @Nullable String readInput(
      MessageContext request, String prompt, boolean password, BooleanSupplier cancelled) {
    try (ZMQ.Poller poller = context.poller(1)) {
      poller.register(stdin, ZMQ.Poller.POLLIN);
      while (poller.poll(0) > 0) { // answers to questions of cells that were interrupted meanwhile
        stdin.readMessage();
      }
      stdin.sendMessage(
          new Message<>(request, InputRequest.MESSAGE_TYPE, new InputRequest(prompt, password)));
      while (isOpen() && !cancelled.getAsBoolean()) {
        if (poller.poll(POLL_MILLIS) > 0) {
          return stdin.readMessage(MessageType.INPUT_REPLY).getContent().getValue();
        }
      }
    }
    return null;
  }

  boolean isOpen() {
    return closed.getCount() > 0;
  }

  @Override
  public void close() {
    closed.countDown();
  }

  /** Waits for the end, then lets what is queued reach the clients. */
  @Override
  public void waitUntilClose() {
    try {
      closed.await();
      publisher.close();
      publisher.join(2_000);
      TimeUnit.MILLISECONDS.sleep(100); // the reply to the shutdown request is on its way
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** A reply environment whose publications are queued. */
  private static final class RequestEnvironment extends ShellReplyEnvironment {
    RequestEnvironment(ShellChannel channel, IoPub publisher, MessageContext request) {
      super(channel, null, publisher, request);
    }
  }
}
