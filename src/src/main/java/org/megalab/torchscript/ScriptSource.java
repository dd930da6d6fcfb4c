package org.megalab.torchscript;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * One TorchScript source file: its text, the functions it defines and the sibling files it imports.
 *
 * <p>A file is a plain Python-looking text of top-level functions with typed signatures:
 *
 * <pre>
 * import rotary
 *
 * def forward(x: Tensor, weight: Tensor, heads: int) -&gt; Tensor:
 *     return rotary.rotate(torch.linear(x.to(torch.float32), weight, None), heads)
 * </pre>
 *
 * What is rewritten on the way to libtorch's parser, never changing a line number: {@code import
 * NAME} makes the functions of {@code NAME.py} beside this file, or else of this package ({@code
 * precision}), reachable as {@code NAME.function(...)}; functions of the same file are called by
 * their bare name; {@code torch.float32}, {@code torch.float64}, {@code torch.bfloat16}, {@code
 * torch.int64} and {@code torch.bool} become the numbers that the operators take. Functions whose
 * name starts with an underscore cannot be called from Java.
 */
final class ScriptSource {

  private static final Pattern DEFINITION =
      Pattern.compile("^def\\s+(\\w+)\\s*\\(", Pattern.MULTILINE);
  private static final Pattern IMPORT =
      Pattern.compile("^import\\s+(\\w+)[ \\t]*(#.*)?$", Pattern.MULTILINE);
  private static final Pattern TOKEN =
      Pattern.compile(
          "#.*" // a comment
              + "|\"[^\"\\n]*\"|'[^'\\n]*'" // a string
              + "|\\bdef\\s+\\w+" // a definition keeps its bare name
              + "|(?<![\\w.])\\w+\\.\\w+" // module.function, torch.float32
              + "|(?<![\\w.])\\w+(?=\\()"); // function(
  private static final Pattern RESULT = Pattern.compile("\\)\\s*->([^:#\n]+):");
  private static final Map<String, String> DTYPES =
      Map.of(
          "torch.float32", "6",
          "torch.float64", "7",
          "torch.bfloat16", "15",
          "torch.int64", "4",
          "torch.bool", "11");

  private final String name;
  private final String text;
  private final Map<String, Function> functions;
  private final List<String> imports;

  /** A function's parameters, {@code name: type} each, and its result type. */
  record Function(String name, List<String> parameters, String result) {
    String arguments() {
      return parameters.stream()
          .map(p -> p.substring(0, p.indexOf(':')).strip())
          .collect(Collectors.joining(", "));
    }
  }

  private ScriptSource(String name, String text) {
    this.name = name;
    this.text = text.replace("\r\n", "\n");
    this.functions = parseFunctions(name, this.text);
    this.imports = IMPORT.matcher(this.text).results().map(r -> r.group(1)).toList();
  }

  static ScriptSource of(String name, String text) {
    return new ScriptSource(name, text);
  }

  /** Reads {@code name.py} that lies beside {@code owner} on the class path. */
  static ScriptSource resource(Class<?> owner, String name) {
    String file = name + ".py";
    try (InputStream in = owner.getResourceAsStream(file)) {
      if (in == null) {
        throw new ScriptException(
            file,
            0,
            "",
            "there is no such script beside " + owner.getName() + " on the class path");
      }
      return new ScriptSource(name, new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException("reading " + file + " beside " + owner.getName(), e);
    }
  }

  /** What {@code import NAME} means in a file beside {@code owner}: beside it, or beside this. */
  static ScriptSource imported(Class<?> owner, String name) {
    boolean here = owner.getResource(name + ".py") != null;
    return resource(here ? owner : ScriptSource.class, name);
  }

  String name() {
    return name;
  }

  List<String> imports() {
    return imports;
  }

  Map<String, Function> functions() {
    return functions;
  }

  /** The text of a line, counted from 1; empty when there is none. */
  String line(int number) {
    List<String> lines = text.lines().toList();
    return number >= 1 && number <= lines.size() ? lines.get(number - 1).strip() : "";
  }

  /** The text as libtorch's importer takes it: every name in full, line for line the same. */
  String qualified() {
    String full =
        TOKEN
            .matcher(text.replace("\t", "    "))
            .replaceAll(token -> Matcher.quoteReplacement(qualify(token.group())));
    return IMPORT.matcher(full).replaceAll("# $0") + "\n";
  }

  private String qualify(String token) {
    if (functions.containsKey(token)) {
      return "__torch__." + name + "." + token;
    }
    int dot = token.indexOf('.');
    if (dot > 0 && imports.contains(token.substring(0, dot))) {
      return "__torch__." + token;
    }
    return DTYPES.getOrDefault(token, token);
  }

  private static Map<String, Function> parseFunctions(String name, String text) {
    Map<String, Function> functions = new LinkedHashMap<>();
    Matcher matcher = DEFINITION.matcher(text);
    while (matcher.find()) {
      int close = closing(text, matcher.end());
      Matcher result = RESULT.matcher(text);
      if (close < 0 || !result.region(close, text.length()).lookingAt()) {
        int line = (int) text.substring(0, matcher.start()).lines().count() + 1;
        throw new ScriptException(
            name + ".py",
            line,
            text.substring(matcher.start()).lines().findFirst().orElse(""),
            "a function needs the form 'def name(x: Type, ...) -> Type:'");
      }
      List<String> parameters = splitTopLevel(text.substring(matcher.end(), close));
      functions.put(
          matcher.group(1), new Function(matcher.group(1), parameters, result.group(1).strip()));
    }
    return functions;
  }

  private static int closing(String text, int from) {
    int depth = 1;
    for (int i = from; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '(') {
        depth++;
      } else if (c == ')' && --depth == 0) {
        return i;
      }
    }
    return -1;
  }

  private static List<String> splitTopLevel(String parameters) {
    List<String> parts = new ArrayList<>();
    int depth = 0;
    StringBuilder part = new StringBuilder();
    for (char c : parameters.replaceAll("#.*", "").toCharArray()) {
      if (c == '[' || c == '(') {
        depth++;
      } else if (c == ']' || c == ')') {
        depth--;
      }
      if (c == ',' && depth == 0) {
        parts.add(part.toString().strip());
        part.setLength(0);
      } else {
        part.append(c);
      }
    }
    parts.add(part.toString().strip());
    parts.removeIf(String::isEmpty);
    return parts;
  }
}
