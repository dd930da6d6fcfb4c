package org.megalab.model;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.megalab.torchscript.Autograd;

/**
 * Prints how far the memory of a process of its own rises in forward and backward passes, in MiB:
 * with recomputation and sliced losses, with sliced losses alone, and with neither. Linux alone
 * tells.
 */
final class PeakMemory {

  private static final Path PROCESS = Path.of("/proc/self");

  private PeakMemory() {}

  /** Runs it. */
  public static void main(String[] arguments) throws IOException {
    LlamaConfig config =
        LlamaConfig.preset("tiny").toBuilder()
            .setLayers(12)
            .optVocabularySize(4096)
            .setContextLength(1024)
            .build();
    try (SequenceModel model = config.newModel().initialize(Device.cpu(), 1)) {
      step(model, 16, new Autograd.Options(1, 1, 8)); // gradients have their memory then
      long before = status("VmRSS");
      for (Autograd.Options options :
          new Autograd.Options[] {
            new Autograd.Options(1, 1, 128),
            new Autograd.Options(1, 0, 128),
            new Autograd.Options(1, 0, 0)
          }) {
        Files.writeString(PROCESS.resolve("clear_refs"), "5"); // the highest so far is forgotten
        step(model, 1024, options);
        System.out.println("peak " + (status("VmHWM") - before) / 1024);
      }
    }
  }

  private static void step(SequenceModel model, int length, Autograd.Options options) {
    model.namedParameters().values().forEach(p -> p.getArray().setRequiresGradient(true));
    try (NDManager step = model.manager().newSubManager();
        Autograd autograd = new Autograd(options)) {
      NDArray ids = step.zeros(new Shape(2, length), ai.djl.ndarray.types.DataType.INT64);
      autograd.backward(model.perByteLoss(new ParameterStore(step, false), ids, true).mean());
    }
  }

  private static long status(String name) throws IOException {
    return Files.readAllLines(PROCESS.resolve("status")).stream()
        .filter(line -> line.startsWith(name))
        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
        .sum();
  }
}
