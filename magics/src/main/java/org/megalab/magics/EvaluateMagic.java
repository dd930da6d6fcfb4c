package org.megalab.magics;

import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.megalab.data.Corpus;
import org.megalab.data.Dataset;
import org.megalab.data.ExampleSet;
import org.megalab.data.Examples;
import org.megalab.data.Split;
import org.megalab.evaluate.Accuracy;
import org.megalab.evaluate.BitsPerByte;
import org.megalab.evaluate.ContextCurve;
import org.megalab.evaluate.EvaluationListener;
import org.megalab.evaluate.Inference;
import org.megalab.evaluate.PositionLoss;
import org.megalab.evaluate.WordCount;
import org.megalab.evaluate.WordPerplexity;
import org.megalab.model.SequenceModel;
import org.megalab.plot.EvaluationFigures;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tech.tablesaw.api.Table;

/** {@code %evaluate}. */
@Command(
    sortOptions = false,
    description = {
      "Measures bits per byte on whole documents, and what of it depends on the context.",
      "In Java: BitsPerByte.of(model, corpus.validation());",
      "         WordPerplexity.of(bitsPerByte, corpus.validation());",
      "         ContextCurve.prefixes(model, split, ContextCurve.doubling(4096, 65536), listener);"
    })
final class EvaluateMagic implements Callable<Object> {
  /** The parts of a corpus. */
  enum Part {
    TRAIN,
    VALIDATION,
    TEST
  }

  /** Where a byte stands. */
  enum Positions {
    CONTEXT,
    PATCH
  }

  private static final EvaluationListener LISTENER = EvaluationListener.INTERRUPTIBLE;
  private static final long NONE = -1;
  private static final long WHITE_SPACE = -2;

  private final MagicCommands.Call call;

  @Option(names = "--split", description = "train, validation or test. Default: validation.")
  private Part part = Part.VALIDATION;

  @Option(names = "--model", paramLabel = "VARIABLE", description = "The model. Default: model.")
  private String model = "model";

  @Option(
      names = "--data",
      paramLabel = "VARIABLE",
      description = "A corpus or examples. Default: corpus.")
  private String data = "corpus";

  @Option(
      names = "--inference",
      description =
          "basic, sliding (windows overlap by half), strided (two passes, half a patch apart) or"
              + " both. Default: basic.")
  private Inference inference = Inference.BASIC;

  @ArgGroup private @Nullable What what;

  /** At most one of these. */
  static final class What {
    @Option(
        names = "--words",
        arity = "0..1",
        fallbackValue = "white-space",
        paramLabel = "COUNT",
        description =
            "The perplexity of words, which are counted by white space, or are as many as COUNT says:"
                + " a number, or a published one such as wikitext103-test.")
    private @Nullable String words;

    @Option(
        names = "--context",
        paramLabel = "BYTES",
        description =
            "The cost of the first bytes of long documents, each in one stream, for each of the"
                + " lengths: 1K,2K,4K or 1K..4K.")
    private @Nullable String context;

    @Option(
        names = "--windows",
        paramLabel = "BYTES",
        description = "The cost of all bytes in windows of each of the lengths: 64,128 or 64..1K.")
    private @Nullable String windows;

    @Option(
        names = "--positions",
        paramLabel = "WHERE",
        description = "The cost by position in the context or in the patch.")
    private @Nullable Positions positions;
  }

  EvaluateMagic(MagicCommands.Call call) {
    this.call = call;
  }

  @Override
  public Object call() {
    Dataset asked = call.session().dataset(data);
    if (asked instanceof ExampleSet set) {
      return accuracy(set);
    }
    Corpus corpus = (Corpus) asked;
    SequenceModel evaluated = call.session().model(model);
    Split split =
        switch (part) {
          case TRAIN -> corpus.train();
          case VALIDATION -> corpus.validation();
          case TEST -> corpus.test();
        };
    What wanted = what == null ? new What() : what;
    if (wanted.context != null) {
      return show(ContextCurve.prefixes(evaluated, split, lengths(wanted.context), LISTENER));
    }
    if (wanted.windows != null) {
      return show(
          ContextCurve.windows(evaluated, split, lengths(wanted.windows), inference, LISTENER));
    }
    if (wanted.positions != null) {
      return positions(evaluated, split, wanted.positions);
    }
    long words = wanted.words == null ? NONE : words(wanted.words);
    BitsPerByte cost =
        BitsPerByte.of(
            evaluated,
            split,
            evaluated.config().contextLength(),
            inference,
            () -> Thread.currentThread().isInterrupted());
    Object result =
        words == NONE || !cost.complete()
            ? cost
            : words == WHITE_SPACE
                ? WordPerplexity.of(cost, split)
                : WordPerplexity.of(cost, words);
    call.session().show(result);
    return result;
  }

  private Accuracy accuracy(ExampleSet set) {
    if (what != null || inference != Inference.BASIC) {
      throw new IllegalArgumentException(
          data
              + " holds examples, of which answers are counted; leave all but --split and --model out");
    }
    Examples examples =
        switch (part) {
          case TRAIN -> set.train();
          case VALIDATION -> set.validation();
          case TEST -> set.test();
        };
    Accuracy accuracy =
        Accuracy.of(
            call.session().trainable(model),
            set.numbers(),
            set.classes().size(),
            examples,
            () -> Thread.currentThread().isInterrupted());
    call.session().show(accuracy.table(set.classes()));
    return accuracy;
  }

  private ContextCurve show(ContextCurve curve) {
    call.session().show(curve);
    call.session().show(EvaluationFigures.context(Map.of(model, curve.table()), "perplexity"));
    return curve;
  }

  private PositionLoss positions(SequenceModel evaluated, Split split, Positions where) {
    boolean context = where == Positions.CONTEXT;
    long[] bins = PositionLoss.logarithmicBins(evaluated.config().contextLength());
    PositionLoss loss =
        context
            ? PositionLoss.inContext(evaluated, split, bins, inference, LISTENER)
            : PositionLoss.inPatch(evaluated, split, inference, LISTENER);
    call.session().show(loss);
    Map<String, Table> drawn = Map.of(model, loss.table());
    call.session()
        .show(context ? EvaluationFigures.position(drawn) : EvaluationFigures.patch(drawn));
    return loss;
  }

  private static long words(String count) {
    if (count.equals("white-space")) {
      return WHITE_SPACE;
    }
    if (count.matches("\\d{1,18}")) {
      return Long.parseLong(count);
    }
    for (WordCount published : WordCount.values()) {
      if (name(published).equals(count.toLowerCase(Locale.ROOT))) {
        return published.words();
      }
    }
    throw new IllegalArgumentException(
        "--words=%s is no count of words; take a number, one of %s, or --words alone to count by white space"
            .formatted(count, Stream.of(WordCount.values()).map(EvaluateMagic::name).toList()));
  }

  private static String name(WordCount published) {
    return published.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Reads lengths such as 64,128,1K or 64..1K, which doubles. */
  static long[] lengths(String text) {
    String[] ends = text.split("\\.\\.", -1);
    return ends.length == 2
        ? ContextCurve.doubling(length(ends[0]), length(ends[1]))
        : Stream.of(text.split(",", -1)).mapToLong(EvaluateMagic::length).toArray();
  }

  private static long length(String text) {
    String number = text.strip().toUpperCase(Locale.ROOT);
    int unit = number.endsWith("K") ? 10 : number.endsWith("M") ? 20 : 0;
    String digits = unit > 0 ? number.substring(0, number.length() - 1) : number;
    if (!digits.matches("\\d{1,9}")) {
      throw new IllegalArgumentException(
          "\"%s\" is no length in bytes; take numbers such as 1000, 4K or 2M: 1K,2K,4K or 1K..4K"
              .formatted(text));
    }
    return Long.parseLong(digits) << unit;
  }
}
