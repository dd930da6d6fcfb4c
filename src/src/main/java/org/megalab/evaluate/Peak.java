package org.megalab.evaluate;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Locale;
import org.megalab.torchscript.Libtorch;
import org.megalab.torchscript.Script;
import org.megalab.torchscript.Tensors;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/**
 * The floating-point operations a second that a device can do at best, dense.
 *
 * <p>The makers' data sheets print twice the numbers of {@link #known()} for tensor cores where
 * they mean sparse matrices: the common mistake, which halves every utilisation.
 *
 * @param device which device
 * @param precision of the products: bf16, fp16, tf32 or fp32
 * @param flopsPerSecond the operations a second
 */
public record Peak(String device, String precision, double flopsPerSecond) {

  private static final double TERA = 1e12;

  /** NVIDIA's data sheets; for sums in float32. */
  private static final List<Peak> KNOWN =
      List.of(
          new Peak("H200", "bf16", 989.5 * TERA),
          new Peak("H200", "tf32", 494.7 * TERA),
          new Peak("H200", "fp32", 66.9 * TERA),
          new Peak("H100", "bf16", 989.5 * TERA),
          new Peak("H100", "tf32", 494.7 * TERA),
          new Peak("H100", "fp32", 66.9 * TERA),
          new Peak("A100", "bf16", 312 * TERA),
          new Peak("A100", "tf32", 156 * TERA),
          new Peak("A100", "fp32", 19.5 * TERA),
          new Peak("V100", "fp16", 125 * TERA),
          new Peak("V100", "fp32", 15.7 * TERA),
          new Peak("RTX 4090", "bf16", 165.2 * TERA),
          new Peak("RTX 4090", "tf32", 82.6 * TERA),
          new Peak("RTX 4090", "fp32", 82.6 * TERA));

  /** Checks the number. */
  public Peak {
    if (!(flopsPerSecond > 0)) {
      throw new IllegalArgumentException(
          "a peak must be positive, in operations a second such as 989.5e12, got "
              + flopsPerSecond);
    }
  }

  /** Returns the peaks of some GPUs: SXM modules for data centres, without sparsity. */
  public static List<Peak> known() {
    return KNOWN;
  }

  /**
   * Returns a known peak.
   *
   * @throws IllegalArgumentException if it is not known, naming those that are
   */
  public static Peak of(String device, String precision) {
    return KNOWN.stream()
        .filter(peak -> peak.device.equalsIgnoreCase(device))
        .filter(peak -> peak.precision.equalsIgnoreCase(precision))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no peak of %s in %s is known; known are %s; measure it, or give its number"
                        .formatted(
                            device,
                            precision,
                            KNOWN.stream().map(p -> p.device + " " + p.precision).toList())));
  }

  /**
   * Measures what products of square matrices reach on a device: the best of some runs, as what
   * else the machine does only makes them slower. On a CPU that takes a second or two.
   *
   * @param precision fp32 (which is tf32 where the engine was told to use that) or bf16
   * @throws IllegalArgumentException for another precision
   */
  public static Peak measured(Device device, String precision) {
    return measured(device, precision, device.isGpu() ? 8192 : 1024);
  }

  static Peak measured(Device device, String precision, int side) {
    String kind = precision.toLowerCase(Locale.ROOT);
    if (!List.of("fp32", "bf16").contains(kind)) {
      throw new IllegalArgumentException(
          "products are measured in fp32 and bf16, not in " + precision);
    }
    int count = device.isGpu() ? 20 : 5;
    double best = 0;
    try (Script script = Script.resource(Peak.class, "throughput");
        NDManager manager = Libtorch.engine().newBaseManager(device)) {
      NDArray a = manager.randomNormal(new Shape(side, side));
      NDArray b = manager.randomNormal(new Shape(side, side));
      for (int run = 0; run < 10; run++) {
        long begin = System.nanoTime();
        try (NDArray c = script.call("products", false, a, b, kind.equals("bf16"), count)) {
          Tensors.floats(c); // a device is done only when its result is here
        }
        double seconds = (System.nanoTime() - begin) / 1e9;
        best = Math.max(best, 2.0 * side * side * side * count / seconds);
      }
    }
    return new Peak("measured " + device, kind, best);
  }

  /** Returns the known peaks, one a row. */
  public static Table table() {
    return Table.create(
        "peaks",
        StringColumn.create("device", KNOWN.stream().map(Peak::device)),
        StringColumn.create("precision", KNOWN.stream().map(Peak::precision)),
        DoubleColumn.create(
            "TFLOPS", KNOWN.stream().mapToDouble(peak -> peak.flopsPerSecond / TERA)));
  }
}
