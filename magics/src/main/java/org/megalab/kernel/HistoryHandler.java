package org.megalab.kernel;

import io.github.spencerpark.jupyter.channels.ShellHandler;
import io.github.spencerpark.jupyter.channels.ShellReplyEnvironment;
import io.github.spencerpark.jupyter.kernel.history.HistoryEntry;
import io.github.spencerpark.jupyter.kernel.history.HistoryManager.ResultFlag;
import io.github.spencerpark.jupyter.messages.Message;
import io.github.spencerpark.jupyter.messages.MessageType;
import io.github.spencerpark.jupyter.messages.request.HistoryRequest;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Answers history requests with the tuples of the protocol, which the base library cannot write.
 */
final class HistoryHandler implements ShellHandler<HistoryRequest> {
  private final History history;

  HistoryHandler(History history) {
    this.history = history;
  }

  @Override
  public void handle(ShellReplyEnvironment environment, Message<HistoryRequest> message) {
    environment.setBusyDeferIdle();
    HistoryRequest request = message.getContent();
    boolean withOutput = request.includeOutput();
    List<List<Object>> tuples =
        lookUp(request).stream().map(entry -> tuple(entry, withOutput)).toList();
    KernelServer.reply(
        environment, message, MessageType.HISTORY_REPLY, Map.of("status", "ok", "history", tuples));
  }

  private List<HistoryEntry> lookUp(HistoryRequest request) {
    Set<ResultFlag> flags = EnumSet.noneOf(ResultFlag.class);
    if (request instanceof HistoryRequest.Range range) {
      return history.lookupRange(range.getSessionIndex(), range.getStart(), range.getStop(), flags);
    }
    if (request instanceof HistoryRequest.Search search) {
      if (search.filterUnique()) {
        flags.add(ResultFlag.UNIQUE);
      }
      String pattern = search.getPattern() == null ? "*" : search.getPattern();
      return history.search(pattern, search.getMaxReturnLength(), flags);
    }
    int length = request instanceof HistoryRequest.Tail tail ? tail.getMaxReturnLength() : 0;
    return history.lookupTail(length, flags);
  }

  /** (session, number, input) or (session, number, (input, output)); outputs are not kept. */
  private static List<Object> tuple(HistoryEntry entry, boolean withOutput) {
    Object input =
        withOutput ? Arrays.asList(entry.getInput(), entry.getOutput()) : entry.getInput();
    return List.of(entry.getSession(), entry.getCellNumber(), input);
  }
}
