package org.megalab.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.megalab.data.Corpus;
import org.megalab.data.RandomWindows;
import org.megalab.data.Window;
import org.megalab.evaluate.BitsPerByte;
import org.megalab.model.BackwardPass;
import org.megalab.model.SequenceModel;

/** Every byte of random windows of the training split; judged by whole validation documents. */
final class CorpusTask extends Task {

  private final SequenceModel model;
  private final Corpus corpus;
  private final RandomWindows windows;

  CorpusTask(SequenceModel model, Corpus corpus, TrainingConfig config) {
    this.model = model;
    this.corpus = corpus;
    model.requireBytes();
    int context = model.config().contextLength();
    int length = config.windowLength() == 0 ? context : config.windowLength();
    if (length > context) {
      throw new TrainingException(
          "windowLength = " + length + " is more than the model's contextLength = " + context);
    }
    windows =
        new RandomWindows(
            corpus.train(), length, config.batchSize(), config.seed(), config.windowStride());
  }

  @Override
  Batch batch(long step) {
    List<Window> rows = new ArrayList<>();
    for (int r = 0; r < windows.batchSize(); r++) {
      rows.add(windows.window(step, r));
    }
    return new Windows(rows);
  }

  @Override
  boolean evaluates() {
    return !corpus.validation().documents().isEmpty();
  }

  @Override
  @Nullable Score evaluate(BooleanSupplier stop) {
    BitsPerByte cost =
        BitsPerByte.of(model, corpus.validation(), model.config().contextLength(), stop);
    return cost.complete() ? new Score(cost.value(), Double.NaN) : null;
  }

  private final class Windows implements Batch {
    private final List<Window> rows;

    Windows(List<Window> rows) {
      this.rows = rows;
    }

    @Override
    public int rows() {
      return rows.size();
    }

    @Override
    public long bytes() {
      return targets(0, rows.size());
    }

    @Override
    public long targets(int from, int to) {
      return (long) (to - from) * windows.length();
    }

    @Override
    public NDArray cost(ParameterStore store, int from, int to) {
      return model.perByteLoss(store, ids(store.getManager(), from, to), true).mean();
    }

    @Override
    public NDArray backward(BackwardPass pass, int from, int to, double share, long seed) {
      try (NDManager scratch = model.manager().newSubManager()) {
        return pass.run(ids(scratch, from, to), share, seed);
      }
    }

    private NDArray ids(NDManager manager, int from, int to) {
      byte[][] bytes = rows.subList(from, to).stream().map(Window::bytes).toArray(byte[][]::new);
      return SequenceModel.ids(manager, bytes);
    }

    @Override
    public String origin(int row) {
      Window window = rows.get(row);
      String document = windows.split().documents().get(window.document()).name();
      return document + " from byte " + window.offset();
    }
  }
}
