package org.megalab.magics;

import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.megalab.generate.Generation;
import org.megalab.generate.Generator;
import org.megalab.generate.Sampling;
import org.megalab.generate.StopCondition;
import org.megalab.generate.Utf8Stream;
import org.megalab.model.SequenceModel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code %generate [PROMPT]}. Returns a {@link Generation}, of a batch a list of them. */
@Command(
    sortOptions = false,
    description = {
      "Lets a model write after a prompt; the text appears while it is written.",
      "In Java: new Generator(model, sampling).generate(prompt, 300, new Utf8Stream(System.out::print));"
    })
final class GenerateMagic implements Callable<Object> {
  private final MagicCommands.Call call;

  @Parameters(
      arity = "0..*",
      paramLabel = "PROMPT",
      description = "What the model reads first; quote it.")
  private List<String> prompt = List.of();

  @Option(names = "--bytes", description = "How many to write at most. Default: 300.")
  private int bytes = 300;

  @Option(
      names = "--batch",
      paramLabel = "N",
      description =
          "Writes N texts at once, with the seeds from --seed on; they appear when all are done.")
  private int batch = 1;

  @Option(
      names = "--stop",
      paramLabel = "TEXT",
      description = "Ends behind this text, in which \\n is a new line. May be repeated.")
  private List<String> stop = List.of();

  @Option(names = "--line", description = "Ends with the line.")
  private boolean line;

  @Option(names = "--temperature", description = "0 for the most likely byte always. Default: 1.")
  private double temperature = 1;

  @Option(names = "--top-k", description = "Draw from the k most likely bytes. Default: all.")
  private int topK;

  @Option(
      names = "--threshold",
      paramLabel = "SHARE",
      description = "Leaves this share of the bytes out, as MEGABYTE-pytorch does; sets top-k.")
  private @Nullable Double threshold;

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
  public Object call() {
    if (batch < 1 || (threshold != null && topK != 0)) {
      throw new IllegalArgumentException(
          "--batch must be at least 1, got %d; and --threshold sets --top-k: give one of them"
              .formatted(batch));
    }
    SequenceModel writer = call.session().model(model);
    Generator generator = new Generator(writer, sampling());
    String text = String.join(" ", prompt);
    byte[] read = text.getBytes(StandardCharsets.UTF_8);
    if (batch > 1) {
      return several(generator, text, Collections.nCopies(batch, read));
    }
    System.out.print(text);
    Utf8Stream stream = new Utf8Stream(part -> System.out.print(visible(part)));
    Generation generation = generator.generate(read, bytes, stops(), stream);
    stream.finish();
    System.out.printf("%n[%s]%n", ending(generation));
    return generation;
  }

  private List<Generation> several(Generator generator, String text, List<byte[]> prompts) {
    List<Generation> generations = generator.generate(prompts, bytes, stops());
    for (int i = 0; i < generations.size(); i++) {
      Generation generation = generations.get(i);
      System.out.printf(
          "[seed %d]%n%s%s%n[%s]%n%n",
          seed + i, text, visible(generation.text()), ending(generation));
    }
    return generations;
  }

  /** Speed, and what ended the text before its full length. */
  private static String ending(Generation generation) {
    String speed = "%,.0f bytes/s".formatted(generation.bytesPerSecond());
    return generation.reason().equals(Generation.LENGTH)
        ? speed
        : speed + "; " + visible(generation.reason()).replace('\n', '␊');
  }

  private Sampling sampling() {
    Sampling.Builder sampling =
        Sampling.builder().optTemperature(temperature).optTopK(topK).optTopP(topP).optSeed(seed);
    return (threshold == null ? sampling : sampling.optThreshold(threshold)).build();
  }

  private StopCondition stops() {
    StopCondition any = line ? StopCondition.endOfLine() : StopCondition.NEVER;
    for (String text : stop) {
      any = any.or(StopCondition.text(text.replace("\\n", "\n")));
    }
    return any;
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
