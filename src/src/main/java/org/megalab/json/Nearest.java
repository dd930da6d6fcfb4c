package org.megalab.json;

import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** What somebody may have meant: the name that differs least from what was written. */
public final class Nearest {

  private static final int FARTHEST = 3;

  private Nearest() {}

  /** Returns the nearest name by Levenshtein distance, if it is at most 3, small or capital. */
  public static Optional<String> of(String written, Collection<String> names) {
    return names.stream()
        .filter(
            name ->
                distance(name.toLowerCase(Locale.ROOT), written.toLowerCase(Locale.ROOT))
                    <= FARTHEST)
        .min(Comparator.comparingInt(name -> distance(name, written)));
  }

  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    Arrays.setAll(row, j -> j);
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int substitution = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(substitution, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}
