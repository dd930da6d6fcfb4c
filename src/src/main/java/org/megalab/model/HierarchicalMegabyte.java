package org.megalab.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import ai.djl.training.initializer.TruncatedNormalInitializer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.megalab.layer.Transformer;
import org.megalab.torchscript.Script;

/**
 * MEGABYTE of any number of levels, without a hole in its context. With two levels it is {@link
 * Megabyte}.
 *
 * <pre>
 * e_j      = the P_s bytes of item j, embedded by E_s and concatenated       (+ E_pos at level 0)
 * l_j      = (pad_s if j = 0, else e_j-1) + U_s · (slice j of the group's O at level s − 1)
 * O        = Transformer_s(l_0, …, l_n-1)          causal over the n_s items of a group
 * logits_t = E_S-1 · O_t                           at the finest level, where an item is a byte
 * </pre>
 *
 * B batch, T bytes, S levels (coarse to fine), n_s items a group, P_s = n_s+1 · … · n_S-1 bytes an
 * item, W_s width, V vocabulary.
 *
 * <p>The slice is added at every item, the first included: this is what the community's model of
 * three stages leaves out ({@link MultiStageMegabyte}), and why here every row depends on every
 * earlier byte.
 */
public final class HierarchicalMegabyte extends SequenceModel {

  static final Script SCRIPT = Script.resource(HierarchicalMegabyte.class, "hierarchical_megabyte");

  private final HierarchicalMegabyteConfig config;
  private final List<Level> levels = new ArrayList<>();

  /** One level: its group, the bytes of an item, its parameters and its Transformer. */
  record Level(
      int length,
      int bytesPerItem,
      Parameter table,
      @Nullable Parameter positions,
      Parameter pad,
      @Nullable Parameter fromAbove,
      Transformer transformer) {}

  /** Creates the model, without memory for its parameters yet. */
  public HierarchicalMegabyte(HierarchicalMegabyteConfig config) {
    this.config = config;
    Initializer weights = new TruncatedNormalInitializer((float) config.initStd());
    for (int s = 0; s < config.levels().size(); s++) {
      levels.add(level(s, weights));
    }
  }

  private Level level(int s, Initializer weights) {
    String name = "levels." + s + ".";
    TransformerSize size = config.levels().get(s);
    int bytes = config.bytesPerItem(s);
    int dim = size.modelDim() / bytes;
    return new Level(
        config.lengths().get(s),
        bytes,
        parameter(name + "embedding.weight", weights, config.vocabularySize(), dim),
        s == 0 ? parameter(name + "position.weight", weights, config.contextLength(), dim) : null,
        parameter(name + "pad.weight", weights, size.modelDim()),
        s == 0
            ? null
            : parameter(name + "fromAbove.weight", weights, size.modelDim(), config.slice(s)),
        addChildBlock(name + "transformer", size.transformer(false, config.dropout(), weights)));
  }

  @Override
  public HierarchicalMegabyteConfig config() {
    return config;
  }

  @Override
  public NDArray logits(ParameterStore store, NDArray ids, boolean training) {
    try (NDArray o = hidden(store, ids, training)) {
      return rows(store, o, training);
    }
  }

  @Override
  public NDArray perByteLoss(ParameterStore store, NDArray ids, boolean training) {
    try (NDArray o = hidden(store, ids, training)) {
      return SlicedLoss.of(
          o, ids, config.vocabularySize(), training, part -> rows(store, part, training));
    }
  }

  /** The logits (B, n, V) of what the finest level says, (B, n, W). */
  NDArray rows(ParameterStore store, NDArray o, boolean training) {
    return Megabyte.SCRIPT.call("logits", training, o, head(store, o, training));
  }

  /** What the finest level says (B, T, W) of ids (B, T). */
  private NDArray hidden(ParameterStore store, NDArray ids, boolean training) {
    checkIds(
        ids, config.contextLength(), "raise a level's length, or cut it into windows", training);
    NDManager outer = ids.getManager();
    try (NDManager step = outer.newSubManager()) {
      NDArray bytes = SCRIPT.call("pad", training, ids, levels.get(0).bytesPerItem);
      bytes.attach(step); // (B, N), and with it all that is computed from it
      NDArray o = bytes;
      for (Level level : levels) {
        boolean coarsest = level.fromAbove == null;
        long items = coarsest ? bytes.getShape().get(1) / level.bytesPerItem : level.length; // n
        NDList above = above(store, level, o, 0, items, training); // (R', n'·n, W)
        NDArray x =
            SCRIPT.call(
                "level_input",
                training,
                bytes,
                value(store, level.table, ids, training),
                optional(store, level.positions, ids, training),
                value(store, level.pad, ids, training),
                above,
                items,
                level.bytesPerItem); // (R, n, W)
        o = level.transformer.forward(store, x, training); // (R, n, W)
      }
      NDArray bytewise =
          SCRIPT.call("bytewise", training, o, ids.getShape().get(0), ids.getShape().get(1));
      bytewise.attach(outer);
      return bytewise; // (B, T, W)
    }
  }

  /**
   * U times slices of what the level above said, or nothing at level 0.
   *
   * @param output (R, n, W) of the level above
   * @param first the first slice
   * @param count the number of slices of each of its vectors
   */
  NDList above(
      ParameterStore store, Level level, NDArray output, long first, long count, boolean training) {
    if (level.fromAbove == null) {
      return new NDList();
    }
    NDArray u = value(store, level.fromAbove, output, training);
    long n = output.getShape().get(1) * count;
    return new NDList(Megabyte.SCRIPT.call("slices", training, output, u, level.length, first, n));
  }

  private NDArray head(ParameterStore store, NDArray like, boolean training) {
    return value(store, levels.get(levels.size() - 1).table, like, training);
  }

  @Override
  public HierarchicalMegabyteDecodingState newDecodingState(int batch) {
    if (batch < 1) {
      throw new IllegalArgumentException("batch must be positive, got " + batch);
    }
    return new HierarchicalMegabyteDecodingState(this, batch);
  }

  List<Level> levels() {
    return levels;
  }
}
