package org.megalab.cli;

import java.util.Locale;
import org.megalab.bench.StepSettings;
import org.megalab.torchscript.Precision;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** How training steps are measured. */
final class StepOptions {
  static final String PRECISIONS = "float32, tf32 or bf16. Default: ${DEFAULT-VALUE}.";

  @Option(
      names = "--data",
      paramLabel = "NAME",
      defaultValue = "books",
      description =
          "The corpus that is read as in training, or random for random bytes. Default:"
              + " ${DEFAULT-VALUE}.")
  private String data = "";

  @Option(
      names = "--precision",
      defaultValue = "float32",
      converter = Precisions.class,
      description = PRECISIONS)
  private Precision precision = Precision.FLOAT32;

  @Option(
      names = "--recompute-layers",
      paramLabel = "N",
      description = "Computes activations again, so many layers at a time. Default: keeps them.")
  private int recomputeLayers;

  @Option(
      names = "--loss-slice",
      paramLabel = "N",
      description = "The steps of a window whose logits exist at a time. Default: all.")
  private int lossSlice;

  @Option(
      names = "--warm-up",
      paramLabel = "N",
      defaultValue = "2",
      description = "The steps that are not measured. Default: ${DEFAULT-VALUE}.")
  private int warmUp;

  @Option(
      names = "--steps",
      paramLabel = "N",
      defaultValue = "10",
      description = "The steps that are. Default: ${DEFAULT-VALUE}.")
  private int steps;

  StepSettings settings() {
    return new StepSettings(data, precision, recomputeLayers, lossSlice, warmUp, steps);
  }

  /** The names of precisions, and the short ones. */
  static final class Precisions implements ITypeConverter<Precision> {
    @Override
    public Precision convert(String value) {
      return switch (value.toLowerCase(Locale.ROOT)) {
        case "float32", "fp32" -> Precision.FLOAT32;
        case "tf32" -> Precision.TF32;
        case "bfloat16", "bf16" -> Precision.BFLOAT16;
        default ->
            throw new TypeConversionException(
                "a precision is float32, tf32 or bf16, got \"" + value + "\"");
      };
    }
  }
}
