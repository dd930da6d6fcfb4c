package org.megalab.kernel;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import io.github.spencerpark.jupyter.channels.IOPubChannel;
import io.github.spencerpark.jupyter.channels.JupyterSocket;
import io.github.spencerpark.jupyter.messages.HMACGenerator;
import io.github.spencerpark.jupyter.messages.Header;
import io.github.spencerpark.jupyter.messages.KernelTimestamp;
import io.github.spencerpark.jupyter.messages.Message;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Level;
import org.zeromq.ZMQ;

/**
 * The publishing socket behind a queue. Only its own thread touches the socket: a ZeroMQ socket
 * breaks when an interrupted thread uses it, and cells are interrupted.
 */
final class IoPub extends IOPubChannel {
  /** Beyond this many waiting messages a printing cell is slowed down. */
  private static final int QUEUE_LIMIT = 2_000;

  private static final Gson GSON = new GsonBuilder().disableHtmlEscaping().create();

  private final BlockingQueue<Message<?>> queue = new LinkedBlockingQueue<>();
  private final String session = UUID.randomUUID().toString();
  private final Thread sender = new Thread(this::sendAll, "iopub");
  private volatile boolean open = true;

  IoPub(ZMQ.Context context, HMACGenerator signer) {
    super(context, signer);
    setHWM(0);
    setLinger(1_000);
    sender.setDaemon(true);
  }

  void start() {
    sender.start();
  }

  /** Queues a message; its content is turned into JSON now, so later changes do not show. */
  @Override
  @SuppressWarnings({"rawtypes", "unchecked"}) // the library leaves content types open
  public synchronized void sendMessage(Message<?> message) {
    if (open) {
      queue.add(
          new Message(
              message.getIdentities(),
              stamped(message.getHeader(), session),
              message.getParentHeader(),
              message.getMetadata(),
              GSON.toJsonTree(message.getContent()),
              message.getBlobs()));
    }
  }

  /** The header with a date in full precision and the kernel's session where there is none. */
  static <T> Header<T> stamped(Header<T> header, String session) {
    return new Header<>(
        header.getId(),
        header.getUsername(),
        header.getSessionId() == null ? session : header.getSessionId(),
        new KernelTimestamp(Instant.now().truncatedTo(ChronoUnit.MICROS).toString()),
        header.getType(),
        header.getVersion());
  }

  /** Waits while the queue is full. Never throws, whatever the thread's interrupt flag says. */
  void awaitRoom() {
    while (open && queue.size() > QUEUE_LIMIT) {
      LockSupport.parkNanos(1_000_000);
    }
  }

  private void sendAll() {
    try {
      while (open || !queue.isEmpty()) {
        Message<?> message = queue.poll(100, TimeUnit.MILLISECONDS);
        if (message != null) {
          trySend(message);
        }
      }
    } catch (InterruptedException e) {
      open = false;
    }
    super.close();
  }

  /** One message that cannot be sent must not silence the kernel. */
  private void trySend(Message<?> message) {
    try {
      super.sendMessage(message);
    } catch (RuntimeException | Error e) {
      JupyterSocket.JUPYTER_LOGGER.log(Level.WARNING, "A message could not be published", e);
    }
  }

  /** Sends what is queued, then closes the socket. */
  @Override
  public void close() {
    open = false;
  }

  void join(long millis) throws InterruptedException {
    sender.join(millis);
  }
}
