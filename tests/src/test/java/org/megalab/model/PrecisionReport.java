package org.megalab.model;

import ai.djl.Device;
import java.util.Comparator;
import java.util.Locale;
import org.megalab.Gpu;
import org.megalab.data.Corpus;
import org.megalab.data.RandomWindows;
import org.megalab.torchscript.Precision;

/**
 * Prints what every architecture's {@code tiny} gives in another precision beside float32.
 *
 * <pre>
 * java -cp ... org.megalab.model.PrecisionReport gpu0 bfloat16
 * TORCH_ALLOW_TF32_CUBLAS_OVERRIDE=1 java -cp ... org.megalab.model.PrecisionReport gpu0 tf32
 * </pre>
 *
 * <p>The float32 side runs on the CPU where it cannot run on the device in the same process.
 */
final class PrecisionReport {

  /**
   * One architecture.
   *
   * @param float32 the loss of a batch in nats
   * @param loss the same in the other precision
   * @param normRatio the norm of all gradients, by that in float32
   * @param cosine the smallest cosine between gradients of one parameter
   * @param worst that parameter
   */
  record Line(
      String architecture,
      double float32,
      double loss,
      double normRatio,
      double cosine,
      String worst) {

    boolean good() {
      return Math.abs(loss / float32 - 1) < 1e-3 && Math.abs(normRatio - 1) < 0.01 && cosine > 0.98;
    }
  }

  private PrecisionReport() {}

  static Line of(ModelConfig config, Device device, Precision precision) {
    byte[][] batch = new RandomWindows(Corpus.shipped("books").train(), 256, 4, 1).batch(0);
    Device plain = precision == Precision.TF32 ? Device.cpu() : device;
    PrecisionStep exact = step(config, plain, Precision.FLOAT32, batch);
    PrecisionStep other = step(config, device, precision, batch);
    String worst =
        exact.gradients().keySet().stream()
            .min(Comparator.comparingDouble(name -> other.cosine(exact, name)))
            .orElseThrow();
    return new Line(
        config.architecture(),
        exact.loss(),
        other.loss(),
        other.norm() / exact.norm(),
        other.cosine(exact, worst),
        worst);
  }

  private static PrecisionStep step(
      ModelConfig config, Device device, Precision precision, byte[][] batch) {
    try (SequenceModel model = Gpu.model(config, device)) {
      return PrecisionStep.of(model, precision, batch);
    }
  }

  /** Takes a device and a precision; the exit status is the number of lines that are not good. */
  public static void main(String[] arguments) {
    Device device = Device.fromName(arguments[0]);
    Precision precision = Precision.valueOf(arguments[1].toUpperCase(Locale.ROOT));
    int bad = 0;
    for (Architecture<?> architecture : Architecture.byName().values()) {
      Line line = of(architecture.preset().apply("tiny"), device, precision);
      System.out.printf(
          Locale.ROOT,
          "%-4s %-22s float32 %.5f  %s %.5f  gradient norm x %.4f  worst cosine %.5f %s%n",
          line.good() ? "ok" : "BAD",
          line.architecture(),
          line.float32(),
          precision,
          line.loss(),
          line.normRatio(),
          line.cosine(),
          line.worst());
      bad += line.good() ? 0 : 1;
    }
    System.exit(bad);
  }
}
