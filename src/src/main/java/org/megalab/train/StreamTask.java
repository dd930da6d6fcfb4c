package org.megalab.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.megalab.data.Corpus;
import org.megalab.data.DocumentStreams;
import org.megalab.data.file.Document;
import org.megalab.interop.Safetensors;
import org.megalab.interop.SafetensorsWriter;
import org.megalab.model.CarriedState;
import org.megalab.model.LanguageModel;
import org.megalab.model.SequenceModel;
import org.megalab.torchscript.Tensors;

/**
 * Every byte of whole training documents in order, each row of a batch going on where it stopped,
 * with the state that the model carries; judged by whole validation documents, read in the same
 * way.
 */
final class StreamTask extends Task {

  private final LanguageModel model;
  private final Corpus corpus;
  private final DocumentStreams streams;

  /** The states by the first row that they are of: one for each micro-batch. */
  private final Map<Integer, CarriedState> states = new TreeMap<>();

  private final int micro;

  StreamTask(SequenceModel model, Corpus corpus, TrainingConfig config) {
    if (!(model instanceof LanguageModel reader)) {
      throw new TrainingException(
          "carryState needs a model that reads on from a state, such as megalodon or transformer-xl,"
              + " got "
              + model.config().architecture());
    }
    this.model = reader;
    this.corpus = corpus;
    model.requireBytes();
    int length =
        config.windowLength() == 0 ? model.config().contextLength() : config.windowLength();
    streams = new DocumentStreams(corpus.train(), length, config.batchSize(), config.seed());
    micro = config.microBatchSize() == 0 ? config.batchSize() : config.microBatchSize();
    try {
      for (int from = 0; from < config.batchSize(); from += micro) {
        int rows = Math.min(micro, config.batchSize() - from);
        states.put(from, reader.newCarriedState(model.manager(), rows));
      }
    } catch (UnsupportedOperationException e) {
      throw new TrainingException("the state cannot be carried: " + e.getMessage(), e);
    }
  }

  @Override
  Batch batch(long step) {
    return new Windows(streams.batch(step));
  }

  @Override
  boolean evaluates() {
    return !corpus.validation().documents().isEmpty();
  }

  @Override
  @Nullable Score evaluate(BooleanSupplier stop) {
    double nats = 0;
    long bytes = 0;
    for (Document document : corpus.validation().documents()) {
      try (CarriedState state = model.newCarriedState(model.manager(), 1)) {
        for (long at = 0; at < document.length(); at += streams.length()) {
          if (stop.getAsBoolean()) {
            return null;
          }
          int count = (int) Math.min(streams.length(), document.length() - at);
          try (NDManager step = model.manager().newSubManager()) {
            NDArray ids = SequenceModel.ids(step, document.read(at, count));
            ParameterStore store = new ParameterStore(step, false);
            NDArray loss = model.perByteLoss(store, ids, state, false);
            nats += loss.toType(DataType.FLOAT64, false).sum().getDouble();
          }
          bytes += count;
        }
      }
    }
    return new Score(nats / bytes / Math.log(2), Double.NaN);
  }

  /** Writes what the model carries. */
  @Override
  void save(Path path) {
    SafetensorsWriter writer = new SafetensorsWriter();
    try (NDManager copies = model.manager().newSubManager()) {
      states.forEach(
          (from, state) ->
              state
                  .arrays(copies)
                  .forEach((name, array) -> write(writer, from + "." + name, array)));
      writer.write(path);
    }
  }

  private static void write(SafetensorsWriter writer, String name, NDArray array) {
    long[] shape = array.getShape().getShape();
    switch (array.getDataType()) {
      case FLOAT32 -> writer.floats(name, Tensors.floats(array), shape);
      case FLOAT64 -> writer.doubles(name, Tensors.doubles(array), shape);
      case INT64 -> writer.longs(name, array.toLongArray(), shape);
      default -> throw new IllegalStateException(name + " is of " + array.getDataType());
    }
  }

  /** Reads what {@link #save} wrote. */
  @Override
  void load(Path path) {
    Safetensors file = Safetensors.open(path);
    try (NDManager copies = model.manager().newSubManager()) {
      states.forEach(
          (from, state) -> {
            Map<String, NDArray> arrays = new LinkedHashMap<>();
            String prefix = from + ".";
            for (String name : file.names()) {
              if (name.startsWith(prefix)) {
                arrays.put(name.substring(prefix.length()), read(file, name, copies));
              }
            }
            state.load(arrays);
          });
    }
  }

  private static NDArray read(Safetensors file, String name, NDManager manager) {
    Shape shape = new Shape(file.shape(name));
    return switch (file.dtype(name)) {
      case F32 -> manager.create(file.floats(name), shape);
      case F64 -> manager.create(file.doubles(name), shape);
      case I64 -> manager.create(file.longs(name), shape);
      default -> throw new IllegalArgumentException(name + " is of " + file.dtype(name));
    };
  }

  @Override
  void close() {
    states.values().forEach(CarriedState::close);
  }

  private final class Windows implements Batch {
    private final DocumentStreams.Batch rows;

    Windows(DocumentStreams.Batch rows) {
      this.rows = rows;
    }

    @Override
    public int rows() {
      return rows.rows().length;
    }

    @Override
    public long bytes() {
      return rows.bytes();
    }

    @Override
    public long targets(int from, int to) {
      return Arrays.stream(rows.counts(), from, to).asLongStream().sum();
    }

    @Override
    public NDArray cost(ParameterStore store, int from, int to) {
      NDManager manager = store.getManager();
      NDArray ids = SequenceModel.ids(manager, Arrays.copyOfRange(rows.rows(), from, to));
      CarriedState state = states.get(from);
      NDArray loss;
      if (state != null && to - from == state.batch()) {
        state.reset(Arrays.copyOfRange(rows.begins(), from, to));
        loss = model.perByteLoss(store, ids, state, true); // (b, T)
      } else {
        loss = model.perByteLoss(store, ids, true); // rows that are looked at alone
      }
      int length = streams.length();
      boolean[] counts = Arrays.copyOfRange(rows.mask(), from * length, to * length);
      NDArray mask =
          Tensors.upload(manager, host -> host.create(counts, loss.getShape()))
              .toType(DataType.FLOAT32, false);
      NDArray targets = Tensors.upload(manager, host -> host.create(targets(from, to)));
      return loss.mul(mask).sum().div(targets);
    }

    @Override
    public String origin(int row) {
      return "row " + row + ", which begins \"" + beginning(rows.rows()[row]) + "\"";
    }

    private static String beginning(byte[] bytes) {
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < Math.min(20, bytes.length); i++) {
        text.append(bytes[i] >= ' ' && bytes[i] < 127 ? (char) bytes[i] : '.');
      }
      return text.toString();
    }
  }
}
