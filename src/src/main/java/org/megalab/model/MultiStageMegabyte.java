package org.megalab.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import ai.djl.training.initializer.NormalInitializer;
import java.util.ArrayList;
import java.util.List;
import org.megalab.layer.Linear;
import org.megalab.layer.TokenShiftLayer;
import org.megalab.layer.TokenShiftTransformer;
import org.megalab.torchscript.Script;

/**
 * The community's MEGABYTE of two or more stages, as its weights and results circulate. It is not
 * the paper's model: see {@link Megabyte}.
 *
 * <pre>
 * stage s reads  start_s, tok_0, …, tok_n-1      tok = norm(W · norm(the bytes' embeddings) + b)
 *   plus, one step later, the n vectors that stage s−1 projects for this group
 * logits_t = W · (finest stage at byte t−1 of its group) + b
 * </pre>
 *
 * B batch, T bytes, S stages (coarse to fine), n_s tokens a group, V vocabulary.
 *
 * <p>With three or more stages predictions have a hole in their context: the start position of a
 * middle stage is not conditioned on the coarser stage, so the bytes of the first sub-patch of each
 * group see only their own sub-patch.
 */
public final class MultiStageMegabyte extends SequenceModel {

  static final Script SCRIPT = Script.resource(MultiStageMegabyte.class, "multi_stage_megabyte");

  private static final Initializer NORMAL = new NormalInitializer(1f);

  private final MultiStageMegabyteConfig config;
  private final List<Stage> stages = new ArrayList<>();
  private final Parameter headWeight;
  private final Parameter headBias;

  /** One stage: its vectors, its embedder, its Transformer and its projection to the next. */
  record Stage(
      int length,
      int bytesPerToken,
      Parameter start,
      List<Parameter> embedder,
      List<Parameter> positions,
      TokenShiftTransformer transformer,
      List<Parameter> projection) {}

  /** Creates the model, without memory for its parameters yet. */
  public MultiStageMegabyte(MultiStageMegabyteConfig config) {
    this.config = config;
    for (int s = 0; s < config.stages(); s++) {
      stages.add(stage(s));
    }
    int fine = config.dims().get(config.stages() - 1);
    headWeight = parameter("head.weight", Linear.uniform(fine), config.vocabularySize(), fine);
    headBias = parameter("head.bias", Linear.uniform(fine), config.vocabularySize());
  }

  private Stage stage(int s) {
    String name = "stages." + s + ".";
    int dim = config.dims().get(s);
    int fine = config.dims().get(config.stages() - 1);
    int length = config.stageLengths().get(s);
    int bytes = config.bytesPerToken(s);
    boolean finest = s == config.stages() - 1;
    Parameter start = parameter(name + "start.weight", NORMAL, dim);
    List<Parameter> embedder = new ArrayList<>();
    embedder.add(parameter(name + "embedding.weight", NORMAL, config.vocabularySize(), fine));
    if (!finest) {
      long wide = (long) bytes * fine;
      embedder.add(preciseParameter(name + "patchNorm.weight", Initializer.ONES, wide));
      embedder.add(preciseParameter(name + "patchNorm.bias", Initializer.ZEROS, wide));
      embedder.add(parameter(name + "patch.weight", Linear.uniform(wide), dim, wide));
      embedder.add(parameter(name + "patch.bias", Linear.uniform(wide), dim));
      embedder.add(preciseParameter(name + "tokenNorm.weight", Initializer.ONES, dim));
      embedder.add(preciseParameter(name + "tokenNorm.bias", Initializer.ZEROS, dim));
    }
    List<Parameter> positions =
        config.learnedPositions()
            ? List.of(parameter(name + "position.weight", NORMAL, length, dim))
            : List.of();
    List<Parameter> projection = new ArrayList<>();
    if (!finest) {
      long out = (long) config.stageLengths().get(s + 1) * config.dims().get(s + 1);
      projection.add(parameter(name + "projection.weight", Linear.uniform(dim), out, dim));
      projection.add(parameter(name + "projection.bias", Linear.uniform(dim), out));
    }
    TokenShiftTransformer transformer =
        addChildBlock(
            "stages." + s + ".transformer",
            new TokenShiftTransformer(config.depths().get(s), dim, () -> layer(dim)));
    return new Stage(length, bytes, start, embedder, positions, transformer, projection);
  }

  private TokenShiftLayer layer(int dim) {
    return new TokenShiftLayer(
        dim,
        config.heads(),
        config.headDim(),
        dim * config.feedForwardMultiple(),
        config.rotary(),
        config.attentionDropout(),
        config.feedForwardDropout());
  }

  @Override
  public MultiStageMegabyteConfig config() {
    return config;
  }

  /** {@inheritDoc} The first row is the start row, which no id has a say in. */
  @Override
  public NDArray logits(ParameterStore store, NDArray ids, boolean training) {
    try (NDArray all = logitsWithStart(store, ids, training)) {
      return all.get(":, :{}", ids.getShape().get(1));
    }
  }

  @Override
  public NDArray perByteLoss(ParameterStore store, NDArray ids, boolean training) {
    try (NDArray x = hidden(store, ids, ids.getShape().get(1), training)) { // (B, T, D)
      return SlicedLoss.of(
          x, ids, config.vocabularySize(), training, part -> head(store, part, training));
    }
  }

  /**
   * Returns the T + 1 rows (B, T + 1, V) for T ids: row t predicts byte t, and row T the byte after
   * the end.
   *
   * @param ids (B, T) int64, T at least 1
   */
  public NDArray logitsWithStart(ParameterStore store, NDArray ids, boolean training) {
    try (NDArray x = hidden(store, ids, ids.getShape().get(1) + 1, training)) {
      return head(store, x, training);
    }
  }

  private NDArray head(ParameterStore store, NDArray x, boolean training) {
    return SCRIPT.call(
        "head",
        training,
        x,
        value(store, headWeight, x, training),
        value(store, headBias, x, training));
  }

  /** What the head reads for the first rows (B, rows, D), at most T + 1 for T ids. */
  private NDArray hidden(ParameterStore store, NDArray ids, long rows, boolean training) {
    checkIds(
        ids,
        config.contextLength(),
        "raise a stage's length, or cut the sequence into windows",
        training);
    long batch = ids.getShape().get(0);
    long length = ids.getShape().get(1);
    int patch = stages.get(0).bytesPerToken();
    long patches = Math.max(1, (length + patch - 1) / patch);
    NDManager outer = ids.getManager();
    try (NDManager step = outer.newSubManager()) {
      NDArray padded = SCRIPT.call("pad", training, ids, patches * patch - length, config.padId());
      padded.attach(step);
      NDArray x = stages(store, 0, patches, padded, new NDList(), training); // (R, n + 1, D)
      NDArray bytewise = SCRIPT.call("bytewise", training, x, batch, rows);
      bytewise.attach(outer);
      return bytewise;
    }
  }

  /**
   * Runs whole groups through a stage and all finer ones.
   *
   * @param s the stage
   * @param group the tokens of its groups
   * @param bytes of all groups, one after the other
   * @param conditioning what is added to its tokens, (R, n, D); empty for the first stage
   * @return what the finest stage says (R', n + 1, D), start tokens included
   */
  NDArray stages(
      ParameterStore store,
      int s,
      long group,
      NDArray bytes,
      NDList conditioning,
      boolean training) {
    Stage stage = stages.get(s);
    NDArray grouped = bytes.reshape(-1, group, stage.bytesPerToken()); // (R, n, P)
    NDArray x =
        SCRIPT.call(
            "stage_input",
            training,
            tokens(store, stage, grouped, training),
            value(store, stage.start(), bytes, training),
            conditioning,
            values(store, stage.positions(), bytes, training));
    x = stage.transformer().forward(store, x, training); // (R, n + 1, D)
    if (stage.projection().isEmpty()) {
      return x;
    }
    NDArray vectors = projected(store, s, x.get(":, :{}", group), training);
    long below = stages.get(s + 1).length();
    return stages(store, s + 1, below, bytes, new NDList(vectors), training);
  }

  /** Returns the tokens (R, n, D) of a stage from their bytes (R, n, P). */
  static NDArray tokens(ParameterStore store, Stage stage, NDArray bytes, boolean training) {
    return SCRIPT.call("tokens", training, bytes, values(store, stage.embedder(), bytes, training));
  }

  /**
   * Returns what a stage's outputs (R, m, D) add to the tokens of the groups below, (R*m, n, D').
   */
  NDArray projected(ParameterStore store, int s, NDArray outputs, boolean training) {
    NDList projection = values(store, stages.get(s).projection(), outputs, training);
    int below = stages.get(s + 1).length();
    return SCRIPT.call("project", training, outputs, projection.get(0), projection.get(1), below);
  }

  /**
   * Returns the logits (B, 1, V) for an empty input, as the reference computes them. They are not
   * row 0 of {@link #logits}: here the start tokens of the finer stages are conditioned.
   *
   * @param ids (B, 0) int64, which gives the batch size and the manager
   */
  public NDArray logitsOfNothing(ParameterStore store, NDArray ids) {
    NDManager outer = ids.getManager();
    try (NDManager step = outer.newSubManager()) {
      step.tempAttachAll(ids);
      NDList conditioning = new NDList();
      NDArray x = ids;
      for (int s = 0; s < stages.size(); s++) {
        Stage stage = stages.get(s);
        NDArray start = value(store, stage.start(), ids, false);
        x =
            stage
                .transformer()
                .forward(store, SCRIPT.call("start_input", false, ids, start, conditioning), false);
        if (!stage.projection().isEmpty()) {
          conditioning = new NDList(projected(store, s, x, false));
        }
      }
      NDArray row = head(store, x, false);
      row.attach(outer);
      return row;
    }
  }

  /**
   * Returns the reference's own training loss: the mean over all targets that are not the pad id.
   *
   * <p>With {@code padId} a genuine byte, as 0 by default, that byte is never trained; {@link
   * #perByteLoss} counts every byte.
   */
  public NDArray referenceLoss(ParameterStore store, NDArray ids, boolean training) {
    try (NDArray rows = logits(store, ids, training)) {
      return SCRIPT.call("reference_loss", training, rows, ids, config.padId());
    }
  }

  @Override
  boolean hasUniformTraining() {
    return !config.dropsOut();
  }

  @Override
  public MultiStageMegabyteDecodingState newDecodingState(int batch) {
    if (batch < 1) {
      throw new IllegalArgumentException("batch must be positive, got " + batch);
    }
    return new MultiStageMegabyteDecodingState(this, batch);
  }

  List<Stage> stages() {
    return stages;
  }

  NDList head(ParameterStore store, NDArray like) {
    return new NDList(value(store, headWeight, like, false), value(store, headBias, like, false));
  }

  static NDList values(
      ParameterStore store, List<Parameter> parameters, NDArray like, boolean training) {
    NDList values = new NDList();
    parameters.forEach(parameter -> values.add(value(store, parameter, like, training)));
    return values;
  }
}
