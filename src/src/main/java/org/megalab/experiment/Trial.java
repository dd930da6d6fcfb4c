package org.megalab.experiment;

import com.google.gson.JsonObject;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.megalab.data.Dataset;
import org.megalab.data.Example;
import org.megalab.data.ExampleSet;
import org.megalab.evaluate.Inference;
import org.megalab.json.ConfigException;
import org.megalab.json.RecordJson;
import org.megalab.model.ClassifierConfig;
import org.megalab.model.ModelConfig;
import org.megalab.model.TrainableConfig;
import org.megalab.train.TrainingConfig;

/**
 * All that decides a number in a study's table: what is trained, how, on what, and how it is
 * judged. An {@link Arm} changes one trial into another.
 *
 * @param model what is trained; its first weights depend on the training's seed
 * @param training how
 * @param data on what
 * @param inference what context the bytes of the validation split get; it matters for texts only
 */
public record Trial(
    TrainableConfig model, TrainingConfig training, Dataset data, Inference inference) {

  private static final int HASH_BYTES = 5;
  private static final int EXAMPLES = 256;

  /** Returns the same trial of another model. */
  public Trial withModel(TrainableConfig model) {
    return new Trial(model, training, data, inference);
  }

  /** Returns the same trial, trained otherwise. */
  public Trial withTraining(TrainingConfig training) {
    return new Trial(model, training, data, inference);
  }

  /** Returns the same trial on other data. */
  public Trial withData(Dataset data) {
    return new Trial(model, training, data, inference);
  }

  /** Returns the same trial, judged otherwise; it is trained once for all of these. */
  public Trial withInference(Inference inference) {
    return new Trial(model, training, data, inference);
  }

  /** Returns the same trial with other first weights, batches and dropout. */
  public Trial withSeed(long seed) {
    return withTraining(training.toBuilder().optSeed(seed).build());
  }

  /**
   * Returns a trial that differs by some keys:
   *
   * <pre>
   * {"patchSize": 8, "global": {"layers": 3}, "training": {"learningRate": 1e-3}, "inference": "strided"}
   * </pre>
   *
   * Keys other than these are the model's: {@code training} with keys of {@link TrainingConfig},
   * {@code inference}, {@code data} with a name, {@code scan} with {@code patch} or {@code raster}
   * for photos, and {@code model} for another model as a whole. An object within changes the keys
   * that it has; one with {@code architecture} or {@code preset} takes the place of what was there.
   * The common mistake is to change a width alone, whose feed-forward then keeps its own.
   *
   * @throws ConfigException if a key is unknown or the values contradict each other
   */
  public Trial with(String json) {
    return TrialJson.read(this, RecordJson.parse(json));
  }

  /** Returns the text form: model, training, data (name and sizes) and inference. */
  public String toJson() {
    return RecordJson.format(TrialJson.tree(this));
  }

  /**
   * Returns ten hexadecimal digits that stand for what is trained, how and on what, with its seed:
   * trials that differ in their inference alone have the same.
   */
  public String hash() {
    JsonObject trained = TrialJson.tree(this);
    trained.remove(TrialJson.INFERENCE);
    try {
      byte[] text = trained.toString().getBytes(StandardCharsets.UTF_8);
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(text);
      return HexFormat.of().formatHex(digest, 0, HASH_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Returns the bytes of a window, or of an example with its answer, on the mean. */
  double windowBytes() {
    if (data instanceof ExampleSet examples) {
      int count = Math.min(EXAMPLES, examples.train().size());
      long bytes = 0;
      for (int i = 0; i < count; i++) {
        Example example = examples.train().get(i);
        bytes += example.input().length + example.target().length;
      }
      return (double) bytes / count;
    }
    if (training.windowLength() > 0) {
      return training.windowLength();
    }
    return model instanceof ModelConfig reader ? reader.contextLength() : 1;
  }

  /** Returns the bytes of an update. */
  double bytesPerStep() {
    return windowBytes() * training.batchSize();
  }

  /** Returns the floating-point operations of training on a byte. */
  double trainingFlopsPerByte() {
    ModelConfig reader = model instanceof ClassifierConfig c ? c.encoder() : (ModelConfig) model;
    return reader.flops((int) Math.round(windowBytes())).training();
  }
}
