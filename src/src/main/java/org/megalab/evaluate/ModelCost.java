package org.megalab.evaluate;

import java.util.Map;
import org.megalab.model.Flops;
import org.megalab.model.ModelConfig;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.LongColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/** How large models are, and what a byte costs them, by formulas and without running them. */
public final class ModelCost {

  private ModelCost() {}

  /**
   * Returns one row a model and context: parameters (all; embeddings, which are tables of symbols
   * and positions and the output matrix; the rest), and FLOPs a byte forward, as {@link Flops} has
   * them, and for training, three times as many.
   *
   * @param models the models by name
   * @param contexts T, the lengths of the windows; the model's own where there are none
   */
  public static Table table(Map<String, ? extends ModelConfig> models, int... contexts) {
    StringColumn names = StringColumn.create("model");
    LongColumn parameters = LongColumn.create("parameters");
    LongColumn embedding = LongColumn.create("embedding");
    LongColumn rest = LongColumn.create("non-embedding");
    IntColumn lengths = IntColumn.create("context");
    DoubleColumn weights = DoubleColumn.create("weights");
    DoubleColumn attention = DoubleColumn.create("attention");
    DoubleColumn recurrence = DoubleColumn.create("recurrence");
    DoubleColumn output = DoubleColumn.create("output");
    DoubleColumn forward = DoubleColumn.create("forward FLOPs/byte");
    DoubleColumn training = DoubleColumn.create("training FLOPs/byte");
    models.forEach(
        (name, config) -> {
          long all = config.parameterCount();
          long embedded = config.embeddingParameterCount();
          for (int length : contexts.length == 0 ? new int[] {config.contextLength()} : contexts) {
            Flops flops = config.flops(length);
            names.append(name);
            parameters.append(all);
            embedding.append(embedded);
            rest.append(all - embedded);
            lengths.append(length);
            weights.append(flops.weights());
            attention.append(flops.attention());
            recurrence.append(flops.recurrence());
            output.append(flops.output());
            forward.append(flops.total());
            training.append(flops.training());
          }
        });
    return Table.create(
        "cost of models",
        names,
        parameters,
        embedding,
        rest,
        lengths,
        weights,
        attention,
        recurrence,
        output,
        forward,
        training);
  }
}
