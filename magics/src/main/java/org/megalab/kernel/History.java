package org.megalab.kernel;

import io.github.spencerpark.jupyter.kernel.history.HistoryEntry;
import io.github.spencerpark.jupyter.kernel.history.HistoryManager;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** The cells of this session, kept in memory. */
final class History implements HistoryManager {
  private static final int SESSION = 1;

  private final List<HistoryEntry> entries = new ArrayList<>();

  synchronized void add(int cellNumber, String input) {
    entries.add(new HistoryEntry(SESSION, cellNumber, input));
  }

  @Override
  public synchronized List<HistoryEntry> lookupTail(int length, Set<ResultFlag> flags) {
    return last(entries, length);
  }

  /** Sessions other than this one (0, or its number) are unknown. */
  @Override
  public synchronized List<HistoryEntry> lookupRange(
      int sessionOffset, int startCell, int endCell, Set<ResultFlag> flags) {
    if (sessionOffset != 0 && sessionOffset != SESSION) {
      return List.of();
    }
    return entries.stream()
        .filter(e -> e.getCellNumber() >= startCell)
        .filter(e -> endCell <= 0 || e.getCellNumber() < endCell)
        .toList();
  }

  @Override
  public synchronized List<HistoryEntry> search(String pattern, int length, Set<ResultFlag> flags) {
    Pattern glob = Pattern.compile(regex(pattern), Pattern.DOTALL);
    List<HistoryEntry> found =
        entries.stream().filter(e -> glob.matcher(e.getInput()).matches()).toList();
    if (flags.contains(ResultFlag.UNIQUE)) {
      Map<String, HistoryEntry> unique = new LinkedHashMap<>();
      found.forEach(e -> unique.put(e.getInput(), e));
      found = List.copyOf(unique.values());
    }
    return last(found, length);
  }

  private static List<HistoryEntry> last(List<HistoryEntry> all, int length) {
    int from = length <= 0 ? 0 : Math.max(0, all.size() - length);
    return List.copyOf(all.subList(from, all.size()));
  }

  /** A glob of {@code *} and {@code ?} as a regular expression; nothing given means everything. */
  private static String regex(String glob) {
    StringBuilder regex = new StringBuilder();
    for (char c : (glob.isEmpty() ? "*" : glob).toCharArray()) {
      regex.append(c == '*' ? ".*" : c == '?' ? "." : Pattern.quote(String.valueOf(c)));
    }
    return regex.toString();
  }
}
