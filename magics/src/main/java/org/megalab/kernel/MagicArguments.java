package org.megalab.kernel;

import java.util.ArrayList;
import java.util.List;

/**
 * Splits the text behind a magic's name into arguments.
 *
 * <p>Arguments are separated by white space. Single quotes keep everything literally; double quotes
 * keep everything except {@code \"} and {@code \\}. Outside quotes a backslash is an ordinary
 * character, so Windows paths need no escaping. Quotes may stand inside an argument: {@code a="b
 * c"} is the one argument {@code a=b c}; {@code ''} and {@code ""} are an empty argument.
 */
public final class MagicArguments {
  private MagicArguments() {}

  /**
   * Splits {@code text}.
   *
   * @throws IllegalArgumentException if a quote is not closed
   */
  public static List<String> tokenize(String text) {
    List<String> arguments = new ArrayList<>();
    StringBuilder argument = new StringBuilder();
    boolean started = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\'' || c == '"') {
        i = quoted(text, i, argument);
        started = true;
      } else if (!Character.isWhitespace(c)) {
        argument.append(c);
        started = true;
      } else if (started) {
        arguments.add(argument.toString());
        argument.setLength(0);
        started = false;
      }
    }
    if (started) {
      arguments.add(argument.toString());
    }
    return List.copyOf(arguments);
  }

  /** Appends the quoted text that opens at {@code open}; returns the index of its closing quote. */
  private static int quoted(String text, int open, StringBuilder argument) {
    char quote = text.charAt(open);
    for (int i = open + 1; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == quote) {
        return i;
      }
      boolean escapes =
          quote == '"'
              && c == '\\'
              && i + 1 < text.length()
              && (text.charAt(i + 1) == '"' || text.charAt(i + 1) == '\\');
      argument.append(escapes ? text.charAt(++i) : c);
    }
    throw new IllegalArgumentException(
        "The quote %c opened at column %d is never closed in: %s. Close it, or put the argument in %s quotes."
            .formatted(quote, open + 1, text.strip(), quote == '"' ? "single" : "double"));
  }
}
