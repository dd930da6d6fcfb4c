package org.megalab.magics;

import java.util.concurrent.Callable;
import org.megalab.data.Corpus;
import org.megalab.data.Split;
import org.megalab.evaluate.BitsPerByte;
import org.megalab.evaluate.Inference;
import org.megalab.model.SequenceModel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code %evaluate}. */
@Command(
    description = {
      "Measures bits per byte on whole documents.",
      "In Java: BitsPerByte.of(model, corpus.validation());"
    })
final class EvaluateMagic implements Callable<BitsPerByte> {
  /** The parts of a corpus. */
  enum Part {
    TRAIN,
    VALIDATION,
    TEST
  }

  private final MagicCommands.Call call;

  @Option(names = "--split", description = "train, validation or test. Default: validation.")
  private Part part = Part.VALIDATION;

  @Option(names = "--model", paramLabel = "VARIABLE", description = "The model. Default: model.")
  private String model = "model";

  @Option(names = "--data", paramLabel = "VARIABLE", description = "The corpus. Default: corpus.")
  private String data = "corpus";

  @Option(
      names = "--inference",
      description =
          "basic, sliding (windows overlap by half), strided (two passes, half a patch apart) or"
              + " both. Default: basic.")
  private Inference inference = Inference.BASIC;

  EvaluateMagic(MagicCommands.Call call) {
    this.call = call;
  }

  @Override
  public BitsPerByte call() {
    Corpus corpus = call.session().corpus(data);
    SequenceModel evaluated = call.session().model(model);
    Split split =
        switch (part) {
          case TRAIN -> corpus.train();
          case VALIDATION -> corpus.validation();
          case TEST -> corpus.test();
        };
    BitsPerByte cost =
        BitsPerByte.of(
            evaluated,
            split,
            evaluated.config().contextLength(),
            inference,
            () -> Thread.currentThread().isInterrupted());
    call.session().show(cost);
    return cost;
  }
}
