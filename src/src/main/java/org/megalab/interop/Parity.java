package org.megalab.interop;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.megalab.json.RecordJson;
import org.megalab.torchscript.Autograd;
import org.megalab.torchscript.LibtorchException;
import org.megalab.torchscript.Precision;

/**
 * Compares our implementations with recordings of the reference implementations.
 *
 * <p>A recording is a safetensors file: {@code param.*} and {@code input.*} are loaded, {@code
 * output.*}, {@code grad_param.*} and {@code grad_input.*} must come out. The error of a tensor is
 * ‖ours − recorded‖₂ / ‖recorded‖₂, accumulated in double; an output recorded as zero must be zero,
 * and a gradient recorded as zero is compared with the largest gradient. The differentiated scalar
 * is Σ output ⊙ grad_output over the outputs that have one.
 */
public final class Parity {

  /** The largest error that an output may have. */
  public static final double FORWARD_TOLERANCE = 1e-5;

  /** The largest error that a gradient may have. */
  public static final double GRADIENT_TOLERANCE = 1e-4;

  /** How a recording of one kind of module is set up. */
  @FunctionalInterface
  private interface Kind {
    ReferenceModule open(Safetensors file, Path path, JsonObject config, Device device);
  }

  /** The kinds by what the recording says under {@code module}. */
  private static final Map<String, Kind> KINDS =
      Map.ofEntries(
          Map.entry("complex_ema", ComplexEmaReference::new),
          Map.entry("damped_ema", DampedEmaReference::new),
          Map.entry("llama_lm", LlamaReference::new),
          Map.entry("mega_attention", MegaAttentionReference::new),
          Map.entry("megabyte_lm", CommunityMegabyteReference::new),
          Map.entry("megalodon_lm", MegalodonReference::new),
          Map.entry("perceiver_ar", PerceiverArReference::new),
          Map.entry("s4d", S4dReference::new),
          Map.entry("timestep_norm", TimestepNormReference::new),
          Map.entry("transformer_xl_layer", TransformerXlReference::new));

  private Parity() {}

  /**
   * What came of one file.
   *
   * @param file its name
   * @param module what it says it is a recording of
   * @param forward the worst error of an output; NaN where there is none
   * @param gradient the worst error of a gradient; NaN where there is none
   * @param problem why the file could not be compared; empty if it was
   */
  public record Result(
      String file, String module, double forward, double gradient, String problem) {

    /** Returns whether everything recorded came out within tolerance. */
    public boolean passed() {
      return problem.isEmpty()
          && forward <= FORWARD_TOLERANCE
          && (Double.isNaN(gradient) || gradient <= GRADIENT_TOLERANCE);
    }

    @Override
    public String toString() {
      String numbers =
          problem.isEmpty()
              ? String.format(
                  Locale.ROOT,
                  "forward %.1e (tolerance %.0e)  gradient %s",
                  forward,
                  FORWARD_TOLERANCE,
                  Double.isNaN(gradient)
                      ? "none recorded"
                      : String.format(
                          Locale.ROOT, "%.1e (tolerance %.0e)", gradient, GRADIENT_TOLERANCE))
              : problem;
      return String.format(
          Locale.ROOT, "%-4s  %-32s %-18s %s", passed() ? "pass" : "FAIL", file, module, numbers);
    }
  }

  /**
   * Compares every {@code .safetensors} file of a folder, in the order of their names.
   *
   * @throws IllegalArgumentException if the folder does not exist or holds no such file
   */
  public static Stream<Result> compareAll(Path folder, Device device) {
    List<Path> files;
    try (Stream<Path> entries = Files.list(folder)) {
      files = entries.filter(path -> path.toString().endsWith(".safetensors")).sorted().toList();
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "cannot list " + folder + ": it must be a folder of reference vectors", e);
    }
    if (files.isEmpty()) {
      throw new IllegalArgumentException(folder + " holds no .safetensors file");
    }
    return files.stream().map(path -> compare(path, device));
  }

  /** Compares one file. Whatever goes wrong is in the result. */
  public static Result compare(Path path, Device device) {
    return compare(path, device, Precision.FLOAT32);
  }

  /**
   * Compares one file in another precision, in which the activations that a layer reads are too.
   */
  static Result compare(Path path, Device device, Precision precision) {
    String name = path.getFileName().toString();
    String module = "?";
    try {
      Safetensors file = Safetensors.open(path);
      module = file.metadata().getOrDefault("module", "?");
      String config = file.metadata().getOrDefault("config", "{}");
      try (ReferenceModule reference = reference(module, file, path, config, device)) {
        return compare(name, module, file, reference, precision);
      }
    } catch (LibtorchException e) {
      throw e;
    } catch (RuntimeException e) {
      return new Result(name, module, Double.NaN, Double.NaN, String.valueOf(e.getMessage()));
    }
  }

  private static ReferenceModule reference(
      String module, Safetensors file, Path path, String config, Device device) {
    Kind kind = KINDS.get(module);
    if (kind == null) {
      throw new IllegalArgumentException(
          "recordings of the module \""
              + module
              + "\" cannot be compared; known are "
              + new TreeSet<>(KINDS.keySet()));
    }
    return kind.open(file, path, RecordJson.parse(config), device);
  }

  private static Result compare(
      String name,
      String module,
      Safetensors file,
      ReferenceModule reference,
      Precision precision) {
    Map<String, NDArray> parameters = reference.parameters();
    NDManager owner = parameters.values().iterator().next().getManager();
    try (NDManager manager = owner.newSubManager();
        Autograd autograd = new Autograd()) {
      Map<String, NDArray> outputs = new HashMap<>(reference.outputs(precision.store(manager)));
      outputs.replaceAll((tensor, output) -> Precision.widened(output));
      double forward = Double.NaN;
      NDArray scalar = manager.zeros(new Shape());
      for (String tensor : file.names()) {
        if (tensor.startsWith("output.")) {
          forward = worse(forward, error(required(outputs, tensor), file, tensor, 0));
        } else if (tensor.startsWith("grad_output.")) {
          NDArray weight = manager.create(file.floats(tensor), new Shape(file.shape(tensor)));
          scalar = scalar.add(required(outputs, tensor.substring(5)).mul(weight).sum());
        }
      }
      double gradient = Double.NaN;
      if (file.names().stream().anyMatch(tensor -> tensor.startsWith("grad_output."))) {
        autograd.backward(scalar);
        double largest = largestGradient(file);
        for (String tensor : file.names()) {
          NDArray leaf =
              tensor.startsWith("grad_param.")
                  ? required(parameters, tensor.substring(11))
                  : tensor.startsWith("grad_input.")
                      ? required(reference.inputs(), tensor.substring(11))
                      : null;
          if (leaf != null) {
            gradient = worse(gradient, error(leaf.getGradient(), file, tensor, largest));
          }
        }
      }
      return new Result(name, module, forward, gradient, "");
    }
  }

  private static double[] doubles(Safetensors file, String name) {
    return file.dtype(name) == Dtype.I64
        ? Arrays.stream(file.longs(name)).asDoubleStream().toArray()
        : file.doubles(name);
  }

  private static double worse(double a, double b) {
    return Double.isNaN(a) || !(b <= a) ? b : a;
  }

  private static NDArray required(Map<String, NDArray> arrays, String name) {
    NDArray array = arrays.get(name);
    if (array == null) {
      throw new IllegalArgumentException(
          "there is no \"" + name + "\" here to compare with the recorded one");
    }
    return array;
  }

  /** The largest ‖gradient‖₂ that is recorded. */
  private static double largestGradient(Safetensors file) {
    return file.names().stream()
        .filter(tensor -> tensor.startsWith("grad_param.") || tensor.startsWith("grad_input."))
        .mapToDouble(tensor -> Math.sqrt(Arrays.stream(file.doubles(tensor)).map(v -> v * v).sum()))
        .max()
        .orElse(0);
  }

  /**
   * ‖ours − recorded‖₂ / ‖recorded‖₂; infinite where counts differ.
   *
   * @param scale what ‖ours‖₂ is compared with where zero is recorded; 0 where it must be zero
   */
  private static double error(NDArray ours, Safetensors file, String name, double scale) {
    double[] recorded = doubles(file, name);
    if (!ModelFile.sameButForOnes(ours.getShape(), new Shape(file.shape(name)))) {
      throw new IllegalArgumentException(
          name
              + " has shape "
              + ours.getShape()
              + " here and "
              + new Shape(file.shape(name))
              + " in the recording");
    }
    double[] values = ours.toType(DataType.FLOAT64, false).toDoubleArray();
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < values.length; i++) {
      difference += (values[i] - recorded[i]) * (values[i] - recorded[i]);
      norm += recorded[i] * recorded[i];
    }
    if (difference == 0) {
      return 0;
    }
    boolean exact = file.dtype(name) == Dtype.I64; // counts
    double error =
        exact
            ? Double.POSITIVE_INFINITY
            : Math.sqrt(difference / (norm == 0 ? scale * scale : norm));
    return Double.isNaN(error) ? Double.POSITIVE_INFINITY : error;
  }
}
