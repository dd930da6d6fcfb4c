package org.megalab.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A cell's text, read: either Java with its line magics turned into calls, or one cell magic.
 *
 * <p>Strings, characters, text blocks and comments are never touched. {@code %name} is a line magic
 * where a statement may begin, and behind {@code =}; {@code %} inside an expression stays Java's
 * remainder operator. Line numbers of the rewritten Java equal those of the cell.
 */
sealed interface CellSource {
  /** Java source, magics already rewritten. */
  record Java(String code) implements CellSource {}

  /** {@code %%name arguments} and the lines below it, which may be none. */
  record CellMagic(String name, List<String> arguments, String body) implements CellSource {}

  /** Reads a cell; {@code isLineMagic} tells which names are registered. */
  static CellSource parse(String cell, Predicate<String> isLineMagic) {
    Matcher magic = Reader.CELL_MAGIC.matcher(cell);
    if (magic.find()) {
      String body = magic.group("body");
      return new CellMagic(
          magic.group("name"),
          MagicArguments.tokenize(magic.group("args")),
          body == null ? "" : body);
    }
    return new Java(new Reader(cell, isLineMagic).rewrite());
  }

  /** Copies Java text, watching where strings, comments and statements begin and end. */
  final class Reader {
    /** Blank lines and comments, the magic's line, the body. */
    static final Pattern CELL_MAGIC =
        Pattern.compile(
            "\\A(?:\\s++|//[^\\n]*(?:\\n|\\z)|/\\*(?s:.*?)\\*/)*+%%(?<name>[\\p{L}_][\\p{L}\\p{N}_.-]*)"
                + "(?<args>[^\\n]*)(?:\\n(?<body>(?s:.*)))?\\z");

    private static final Pattern LINE_MAGIC =
        Pattern.compile("%(?<name>[\\p{L}_][\\p{L}\\p{N}_.-]*)(?<args>[^\\n]*)");

    /** Magics whose argument is Java, which keeps its quotes. */
    private static final Set<String> CODE_MAGICS = Set.of("time");

    private final String cell;
    private final Predicate<String> isLineMagic;
    private final StringBuilder java = new StringBuilder();
    private int at;
    private boolean lineStart = true;

    /** The last character of Java that is neither white space nor comment; {@code ;} at first. */
    private char last = ';';

    Reader(String cell, Predicate<String> isLineMagic) {
      this.cell = cell;
      this.isLineMagic = isLineMagic;
    }

    String rewrite() {
      while (at < cell.length()) {
        char c = cell.charAt(at);
        if (cell.startsWith("//", at)) {
          copyTo(endOf("\n", at, false));
        } else if (cell.startsWith("/*", at)) {
          copyTo(endOf("*/", at + 2, true));
        } else if (cell.startsWith("\"\"\"", at)) {
          copyTo(endOfQuoted("\"\"\"", at + 3));
          significant('"');
        } else if (c == '"' || c == '\'') {
          copyTo(endOfQuoted(String.valueOf(c), at + 1));
          significant(c);
        } else if (c == '%' && magic()) {
          lineStart = false;
          last = ';';
        } else {
          copyTo(at + 1);
          if (c == '\n') {
            lineStart = true;
          } else if (!Character.isWhitespace(c)) {
            significant(c);
          }
        }
      }
      return java.toString();
    }

    private void significant(char c) {
      last = c;
      lineStart = false;
    }

    private void copyTo(int end) {
      java.append(cell, at, end);
      at = end;
    }

    private int endOf(String mark, int from, boolean inclusive) {
      int found = cell.indexOf(mark, from);
      return found < 0 ? cell.length() : found + (inclusive ? mark.length() : 0);
    }

    private int endOfQuoted(String quote, int from) {
      for (int i = from; i < cell.length(); i++) {
        if (cell.charAt(i) == '\\') {
          i++;
        } else if (cell.startsWith(quote, i)) {
          return i + quote.length();
        } else if (quote.length() == 1 && cell.charAt(i) == '\n') {
          return i;
        }
      }
      return cell.length();
    }

    /** Rewrites the magic at the cursor, if there is one. */
    private boolean magic() {
      Matcher magic = LINE_MAGIC.matcher(cell).region(at, cell.length());
      if (!magic.lookingAt()) {
        return false;
      }
      boolean assigned = last == '=' && !isComparison();
      boolean statement =
          lineStart && (";{}".indexOf(last) >= 0 || isLineMagic.test(magic.group("name")));
      if (!assigned && !statement) {
        return false;
      }
      String arguments = magic.group("args").strip();
      if (assigned && arguments.endsWith(";")) {
        arguments = arguments.substring(0, arguments.length() - 1);
      }
      if (statement && ";{}".indexOf(last) < 0) {
        java.append(';');
      }
      boolean code = CODE_MAGICS.contains(magic.group("name"));
      java.append(
          call(
              magic.group("name"), code ? List.of(arguments) : MagicArguments.tokenize(arguments)));
      at = magic.end();
      return true;
    }

    private boolean isComparison() {
      String before = java.toString().stripTrailing();
      return before.length() > 1 && "=!<>".indexOf(before.charAt(before.length() - 2)) >= 0;
    }

    private static String call(String name, List<String> arguments) {
      List<String> literals = new ArrayList<>();
      arguments.forEach(argument -> literals.add(literal(argument)));
      return "lineMagic(%s, java.util.List.of(%s));"
          .formatted(literal(name), String.join(", ", literals));
    }

    private static String literal(String text) {
      return text.chars()
          .mapToObj(
              c ->
                  c == '"' || c == '\\'
                      ? "\\" + (char) c
                      : c < ' ' ? "\\%03o".formatted(c) : String.valueOf((char) c))
          .collect(Collectors.joining("", "\"", "\""));
    }
  }
}
