package org.megalab.magics;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;
import org.megalab.generate.Generation;
import org.megalab.generate.Generator;
import org.megalab.generate.Sampling;
import org.megalab.generate.Utf8Stream;
import org.megalab.model.SequenceModel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code %generate [PROMPT]}. */
@Command(
    sortOptions = false,
    description = {
      "Lets a model write after a prompt; the text appears while it is written.",
      "In Java: new Generator(model, sampling).generate(prompt, 300, new Utf8Stream(System.out::print));"
    })
final class GenerateMagic implements Callable<Generation> {
  private final MagicCommands.Call call;

  @Parameters(
      arity = "0..*",
      paramLabel = "PROMPT",
      description = "What the model reads first; quote it.")
  private List<String> prompt = List.of();

  @Option(names = "--bytes", description = "How many to write. Default: 300.")
  private int bytes = 300;

  @Option(names = "--temperature", description = "0 for the most likely byte always. Default: 1.")
  private double temperature = 1;

  @Option(names = "--top-k", description = "Draw from the k most likely bytes. Default: all.")
  private int topK;

  @Option(
      names = "--top-p",
      description = "Draw from the most likely bytes of this probability. Default: 1.")
  private double topP = 1;

  @Option(names = "--seed", description = "Decides the draws. Default: 1.")
  private long seed = 1;

  @Option(names = "--model", paramLabel = "VARIABLE", description = "The model. Default: model.")
  private String model = "model";

  GenerateMagic(MagicCommands.Call call) {
    this.call = call;
  }

  @Override
  public Generation call() {
    SequenceModel writer = call.session().model(model);
    Generator generator = new Generator(writer, new Sampling(temperature, topK, topP, seed));
    String text = String.join(" ", prompt);
    System.out.print(text);
    Utf8Stream stream = new Utf8Stream(part -> System.out.print(visible(part)));
    Generation generation =
        generator.generate(text.getBytes(StandardCharsets.UTF_8), bytes, stream);
    stream.finish();
    System.out.printf("%n[%,.0f bytes/s]%n", generation.bytesPerSecond());
    return generation;
  }

  /** Control characters as pictures, so that a front end does not act on them. */
  static String visible(String text) {
    StringBuilder shown = new StringBuilder(text);
    for (int i = 0; i < shown.length(); i++) {
      char c = shown.charAt(i);
      if (c < ' ' && c != '\n' && c != '\t') {
        shown.setCharAt(i, (char) ('\u2400' + c));
      } else if (c == '\u007F') {
        shown.setCharAt(i, '\u2421');
      }
    }
    return shown.toString();
  }
}
