package org.megalab.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A Javadoc comment as plain text. */
final class JavadocText {
  private static final Pattern BLOCK = Pattern.compile("(?m)^\\s*(?=@\\w)");
  private static final Pattern INLINE =
      Pattern.compile("\\{@(?<tag>\\w+)(?:\\s+(?<body>[^{}]*(?:\\{[^{}]*\\}[^{}]*)*))?\\}");

  private JavadocText() {}

  /** The text behind the stars of a comment, or as JShell gives it, made readable. */
  static String plain(String comment) {
    List<String> parts = new ArrayList<>();
    for (String part : BLOCK.split(comment, -1)) {
      String text = inline(part).strip();
      if (!text.isEmpty()) {
        parts.add(text.startsWith("@") ? block(text) : text);
      }
    }
    return String.join("\n", parts);
  }

  private static String inline(String text) {
    Matcher tag = INLINE.matcher(text);
    StringBuilder out = new StringBuilder();
    while (tag.find()) {
      String body = tag.group("body") == null ? "" : tag.group("body").strip();
      String kind = tag.group("tag");
      boolean link = kind.startsWith("link");
      String shown = link ? linked(body) : body;
      tag.appendReplacement(out, Matcher.quoteReplacement(shown.replace("<", "&lt;")));
    }
    tag.appendTail(out);
    return out.toString()
        .replaceAll(
            "(?i)\\s*<(p|/p|ul|/ul|ol|/ol|table|/table|tr|pre|/pre|blockquote|/blockquote)\\b[^>]*>\\s*",
            "\n\n")
        .replaceAll("(?i)\\s*<li>\\s*", "\n  - ")
        .replaceAll("<[/a-zA-Z][^>]*>", "")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&nbsp;", " ")
        .replace("&amp;", "&")
        .replaceAll("(?m)^ (?=\\S)", "")
        .replaceAll("\n{3,}", "\n\n");
  }

  /** {@code Type#member label} shows its label, or else {@code Type.member}. */
  private static String linked(String body) {
    Matcher parts = Pattern.compile("(?s)([^\\s(]*(?:\\([^)]*\\))?)(?:\\s+(.*))?").matcher(body);
    if (!parts.matches()) {
      return body;
    }
    String label = parts.group(2);
    String target = parts.group(1).replaceFirst("^#", "").replace('#', '.');
    return label == null || label.isBlank() ? target : label.strip();
  }

  private static String block(String text) {
    String line = text.replaceAll("\\s*\n\\s*", " ");
    Matcher tag = Pattern.compile("(?s)@(\\w+)\\s+(.*)").matcher(line);
    if (!tag.matches()) {
      return line;
    }
    String body = tag.group(2);
    return switch (tag.group(1)) {
      case "param", "throws", "exception" ->
          "  " + tag.group(1) + " " + body.replaceFirst("^(\\S+)\\s+", "$1: ");
      case "return" -> "  returns " + body;
      default -> "  " + tag.group(1) + " " + body;
    };
  }

  /** The comment right before a declaration, without its marks; empty if there is none. */
  static String before(String leading) {
    String text = leading.stripTrailing();
    if (text.endsWith("*/")) {
      String comment = text.substring(text.lastIndexOf("/*"));
      return comment
          .replaceFirst("^/\\*+", "")
          .replaceFirst("\\*+/$", "")
          .replaceAll("(?m)^[ \\t]*\\*[ \\t]?", "")
          .strip();
    }
    List<String> lines = new ArrayList<>();
    List<String> all = text.lines().toList();
    for (int i = all.size() - 1; i >= 0 && all.get(i).strip().startsWith("//"); i--) {
      lines.add(0, all.get(i).strip().replaceFirst("^/+ ?", ""));
    }
    return String.join("\n", lines);
  }
}
