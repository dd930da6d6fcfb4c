package org.megalab.train;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.ParameterStore;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.megalab.model.BackwardPass;
import org.megalab.model.TrainableModel;

/** Forward and backward over the batch of a step, a few rows at a time. */
final class Gradients implements AutoCloseable {

  private static final int NAMED = 5;

  private final TrainableModel model;
  private final TrainingConfig config;
  private final BackwardPass pass;

  Gradients(TrainableModel model, TrainingConfig config) {
    this.model = model;
    this.config = config;
    pass =
        new BackwardPass(model, config.precision(), config.recomputeLayers(), config.lossSlice());
  }

  /**
   * Adds the gradients of a batch's mean cost to those of the parameters. The cost of rows counts
   * by the number of their predictions, so that the sum over micro-batches is the mean over all.
   *
   * @return the mean cost, which a GPU may still be working on
   */
  Cost backward(Task.Batch batch, long step) {
    int micro = config.microBatchSize() == 0 ? batch.rows() : config.microBatchSize();
    long all = batch.targets(0, batch.rows());
    Cost cost = new Cost(new NDList(), new ArrayList<>());
    try {
      for (int from = 0; from < batch.rows(); from += micro) {
        int to = Math.min(batch.rows(), from + micro);
        double share = batch.targets(from, to) / (double) all;
        cost.parts.add(batch.backward(pass, from, to, share, seed(step, from)));
        cost.shares.add(share);
      }
      return cost;
    } catch (RuntimeException e) {
      cost.close();
      throw e;
    }
  }

  /**
   * A mean cost in parts, one a micro-batch.
   *
   * @param parts scalars
   * @param shares how much each counts
   */
  record Cost(NDList parts, List<Double> shares) implements AutoCloseable {
    @Override
    public void close() {
      parts.close();
    }
  }

  /** What decides the random numbers of a micro-batch. */
  private long seed(long step, int from) {
    return (config.seed() * 0x9E3779B97F4A7C15L + step) * 0xBF58476D1CE4E5B9L + from;
  }

  /**
   * Says what a step that failed was about: its rows, and the largest gradients of its parameters.
   */
  String diagnose(Task.Batch batch, long step, Optimizer optimizer) {
    release();
    optimizer.discardGradients();
    List<String> rows = new ArrayList<>();
    for (int row = 0; row < batch.rows(); row++) {
      double cost = cost(batch, row);
      if (!Double.isFinite(cost) || batch.rows() <= NAMED) {
        rows.add(batch.origin(row) + " costs " + cost);
      }
    }
    backward(batch, step).close();
    String largest =
        optimizer.gradientNorms().entrySet().stream()
            .sorted(Comparator.comparingDouble((Map.Entry<String, Double> e) -> -size(e)))
            .limit(NAMED)
            .map(e -> String.format(Locale.ROOT, "%s %.3g", e.getKey(), e.getValue()))
            .collect(Collectors.joining(", "));
    optimizer.discardGradients();
    String described =
        rows.isEmpty()
            ? "each row alone costs a finite amount (the first: " + batch.origin(0) + ")"
            : rows.stream().limit(NAMED).collect(Collectors.joining("; "))
                + (rows.size() > NAMED ? "; and %d more".formatted(rows.size() - NAMED) : "");
    return "batch: " + described + ". Largest gradients: " + largest;
  }

  private static double size(Map.Entry<String, Double> norm) {
    return Double.isFinite(norm.getValue()) ? norm.getValue() : Double.POSITIVE_INFINITY;
  }

  private double cost(Task.Batch batch, int row) {
    try (NDManager scratch = model.manager().newSubManager()) {
      return batch
          .cost(new ParameterStore(scratch, false), row, row + 1)
          .toType(DataType.FLOAT64, false)
          .getDouble();
    }
  }

  /** Frees memory that is kept for the next steps; returns whether there was any. */
  boolean release() {
    return pass.release();
  }

  @Override
  public void close() {
    pass.close();
  }
}
