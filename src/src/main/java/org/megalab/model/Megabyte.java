package org.megalab.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import ai.djl.training.initializer.TruncatedNormalInitializer;
import org.jspecify.annotations.Nullable;
import org.megalab.layer.Transformer;
import org.megalab.model.MegabyteConfig.GlobalPad;
import org.megalab.model.MegabyteConfig.Position;
import org.megalab.torchscript.Script;

/**
 * MEGABYTE (Yu et al. 2023, section 2): a global Transformer over patches of P bytes, and a local
 * Transformer over the bytes of each patch.
 *
 * <pre>
 * e_k      = [E_g[x_kP] + E_pos[kP]; …; E_g[x_kP+P-1] + E_pos[kP+P-1]]          patch embedding
 * G        = Transformer_g(pad_g, e_0, …, e_K-2)                                shifted by one patch
 * l_k,p    = W_GL · G_k[p·D_G … (p+1)·D_G] + (pad_l if p = 0, else E_l[x_kP+p-1])  shifted by one byte
 * logits_t = E_l · Transformer_l(l_k,0 … l_k,P-1)_p                             t = kP + p
 * </pre>
 *
 * B batch, T length in bytes, P patch size, K patches, D_G width of a byte slot of the global
 * model, D_L width of the local model, V vocabulary. Any length up to the context is allowed: a
 * last patch that is not full is padded inside, and the padding is neither seen nor predicted.
 *
 * <p>The common mistake is to shift the labels once more in the loss: row t already predicts byte
 * t.
 */
public final class Megabyte extends SequenceModel {

  static final Script SCRIPT = Script.resource(Megabyte.class, "megabyte");

  private final MegabyteConfig config;
  private final Parameter globalTable;
  private final @Nullable Parameter globalPositions;
  private final @Nullable Parameter globalPad;
  private final Parameter globalToLocal;
  private final Parameter localTable;
  private final Parameter localPad;
  private final @Nullable Parameter localPositions;
  private final Parameter head;
  private final Transformer global;
  private final Transformer local;

  /** Creates the model, without memory for its parameters yet. */
  public Megabyte(MegabyteConfig config) {
    this.config = config;
    Initializer weights = new TruncatedNormalInitializer((float) config.initStd());
    int patch = config.patchSize();
    int globalDim = config.globalByteDim();
    int localDim = config.local().modelDim();
    int vocabulary = config.vocabularySize();
    globalTable = parameter("globalEmbedding.weight", weights, vocabulary, globalDim);
    globalPositions =
        config.globalPosition() == Position.LEARNED
            ? parameter("globalPosition.weight", weights, config.contextLength(), globalDim)
            : null;
    globalPad =
        config.globalPad() == GlobalPad.LEARNED
            ? parameter("globalPad.weight", weights, patch, globalDim)
            : null;
    globalToLocal = parameter("globalToLocal.weight", weights, localDim, globalDim);
    localTable = parameter("localEmbedding.weight", weights, vocabulary, localDim);
    localPad = parameter("localPad.weight", weights, localDim);
    localPositions =
        config.localPosition() == Position.LEARNED
            ? parameter("localPosition.weight", weights, patch, localDim)
            : null;
    head =
        config.tiedOutput() ? localTable : parameter("head.weight", weights, vocabulary, localDim);
    global = addChildBlock("global", stack(config.global(), config.globalPosition(), weights));
    local = addChildBlock("local", stack(config.local(), config.localPosition(), weights));
  }

  private Transformer stack(TransformerSize size, Position position, Initializer weights) {
    return new Transformer(
        size.layers(),
        size.modelDim(),
        size.heads(),
        size.feedForwardDim(),
        position == Position.ROTARY,
        config.dropout(),
        weights);
  }

  @Override
  public MegabyteConfig config() {
    return config;
  }

  @Override
  public NDArray logits(ParameterStore store, NDArray ids, boolean training) {
    checkIds(ids, longest(), "raise contextLength, or cut the sequence into windows");
    Weights w = weights(store, ids, training);
    try (NDArray patches =
            SCRIPT.call(
                "global_input",
                training,
                ids,
                w.globalTable,
                w.globalPositions,
                w.globalPad,
                w.patch); // (B, K, P*D_G)
        NDArray g = global.forward(store, patches, training); // (B, K, P*D_G)
        NDArray slots =
            SCRIPT.call(
                "local_input",
                training,
                g,
                ids,
                w.globalToLocal,
                w.localTable,
                w.localPad,
                w.localPositions,
                w.patch); // (B*K, P, D_L)
        NDArray o = local.forward(store, slots, training)) { // (B*K, P, D_L)
      return SCRIPT.call(
          "logits", training, o, w.head, ids.getShape().get(0), ids.getShape().get(1)); // (B, T, V)
    }
  }

  @Override
  public MegabyteDecodingState newDecodingState(int batch) {
    return newDecodingState(batch, config.contextLength());
  }

  /**
   * Starts decoding with room for more or fewer bytes than the context.
   *
   * @param batch B
   * @param capacity the bytes that the state can hold; at most the context where positions are
   *     learned
   */
  public MegabyteDecodingState newDecodingState(int batch, int capacity) {
    if (batch < 1 || capacity < 1 || capacity > longest()) {
      throw new IllegalArgumentException(
          "batch must be positive and capacity between 1 and "
              + longest()
              + ", got batch "
              + batch
              + " and capacity "
              + capacity);
    }
    return new MegabyteDecodingState(this, batch, capacity);
  }

  /** A learned table has one vector a byte of the context; otherwise any length goes. */
  private long longest() {
    return globalPositions == null ? Integer.MAX_VALUE : config.contextLength();
  }

  Transformer global() {
    return global;
  }

  Transformer local() {
    return local;
  }

  Weights weights(ParameterStore store, NDArray like, boolean training) {
    return new Weights(
        value(store, globalTable, like, training),
        optional(store, globalPositions, like, training),
        optional(store, globalPad, like, training),
        value(store, globalToLocal, like, training),
        value(store, localTable, like, training),
        value(store, localPad, like, training),
        optional(store, localPositions, like, training),
        value(store, head, like, training),
        config.patchSize());
  }

  /** A list of one array, or of none where the configuration has no such parameter. */
  private static NDList optional(
      ParameterStore store, @Nullable Parameter parameter, NDArray like, boolean training) {
    return parameter == null ? new NDList() : new NDList(value(store, parameter, like, training));
  }

  /** The arrays of the direct parameters, and P. */
  record Weights(
      NDArray globalTable,
      NDList globalPositions,
      NDList globalPad,
      NDArray globalToLocal,
      NDArray localTable,
      NDArray localPad,
      NDList localPositions,
      NDArray head,
      int patch) {}
}
