package org.megalab.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.megalab.model.TrainableModel;
import org.megalab.torchscript.DeviceMemoryException;
import org.megalab.torchscript.Precision;

/** What is said where a run does not fit into memory: what was tried, and what takes less. */
final class MemoryAdvice {

  private MemoryAdvice() {}

  /** Returns a failure with the step that failed, if it is one of memory, or as it is. */
  static RuntimeException ofStep(
      RuntimeException failure,
      TrainableModel model,
      TrainingConfig config,
      Task.Batch batch,
      String standing) {
    int rows = config.microBatchSize() == 0 ? batch.rows() : config.microBatchSize();
    int atOnce = Math.min(rows, batch.rows());
    String work =
        String.format(
            Locale.ROOT,
            "training %s (%,d parameters, %s) on %d windows of %,d bytes%s",
            model.config().architecture(),
            model.parameterCount(),
            config.precision().name().toLowerCase(Locale.ROOT),
            batch.rows(),
            batch.bytes() / batch.rows(),
            atOnce < batch.rows() ? ", " + atOnce + " at a time" : "");
    return explain(failure, work, "Try " + settings(config, atOnce) + ". " + standing);
  }

  /** Returns a failure with what was being done, if it is one of memory, or as it is. */
  static RuntimeException explain(RuntimeException failure, String work, String advice) {
    RuntimeException translated = DeviceMemoryException.translate(failure);
    return translated instanceof DeviceMemoryException memory
        ? memory.during(work, advice)
        : failure;
  }

  /** The settings that save memory and are not taken yet; those that change nothing else first. */
  private static String settings(TrainingConfig config, int atOnce) {
    List<String> settings = new ArrayList<>();
    if (atOnce > 1) {
      settings.add(
          "microBatchSize = %d (the same update, gradients added up)".formatted(atOnce / 2));
    }
    if (config.recomputeLayers() == 0) {
      settings.add("recomputeLayers = 1 (the same update, a third slower)");
    }
    if (config.lossSlice() == 0) {
      settings.add("lossSlice = 512 (the same update)");
    }
    if (config.precision() != Precision.BFLOAT16) {
      settings.add("precision = bfloat16");
    }
    settings.add("a shorter windowLength");
    settings.add("a smaller model");
    return String.join(", ", settings.subList(0, settings.size() - 1))
        + " or "
        + settings.get(settings.size() - 1);
  }
}
