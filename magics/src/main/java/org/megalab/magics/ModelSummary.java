package org.megalab.magics;

import ai.djl.nn.Parameter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.megalab.model.SequenceClassifier;
import org.megalab.model.SequenceModel;
import org.megalab.model.TrainableModel;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.LongColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/** A model's parameters, summed up by the parts of its block tree; equal layers are one row. */
final class ModelSummary {

  private ModelSummary() {}

  static Table of(TrainableModel model) {
    Map<String, Long> parts = new LinkedHashMap<>();
    for (Map.Entry<String, Parameter> entry : model.namedParameters().entrySet()) {
      String part = entry.getKey().replaceFirst("layers\\.\\d+\\..*", "layers");
      parts.merge(part, entry.getValue().getShape().size(), Long::sum);
    }
    StringColumn names = StringColumn.create("part");
    LongColumn counts = LongColumn.create("parameters");
    DoubleColumn shares = DoubleColumn.create("percent");
    long all = model.parameterCount();
    parts.forEach(
        (name, count) -> {
          names.append(name);
          counts.append(count);
          shares.append(Math.rint(10_000.0 * count / all) / 100);
        });
    names.append("all");
    counts.append(all);
    shares.append(100);
    return Table.create(
        String.format(
            Locale.ROOT, "%s, %,d parameters, %s", model.config().architecture(), all, form(model)),
        names,
        counts,
        shares);
  }

  private static String form(TrainableModel model) {
    return model instanceof SequenceModel reader
        ? String.format(Locale.ROOT, "context %,d", reader.config().contextLength())
        : ((SequenceClassifier) model).config().classes() + " classes";
  }
}
