package org.megalab.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import ai.djl.training.initializer.TruncatedNormalInitializer;
import org.jspecify.annotations.Nullable;
import org.megalab.layer.CausalConvolution;
import org.megalab.layer.LayerStack;
import org.megalab.layer.LayerState;
import org.megalab.layer.PatchTransformerLayer;
import org.megalab.layer.Place;
import org.megalab.layer.Transformer;
import org.megalab.model.MegabyteConfig.GlobalPad;
import org.megalab.model.MegabyteConfig.LocalFirstInput;
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
 * model, D_L width of the local model, V vocabulary. Any length up to the context is allowed.
 *
 * <p>Variants of the paper, each one key of the {@link MegabyteConfig}: attention of the local
 * model into the patch before ({@link PatchTransformerLayer}); causal convolutions between the byte
 * vectors and the patches ({@link CausalConvolution}); no local model, logits_t = E_l · W_GL ·
 * G_k[slice p], so that the bytes of a patch are independent given those before it; no global
 * model, without the first term of l_k,p.
 *
 * <p>The common mistake is to shift the labels once more in the loss: row t already predicts byte
 * t.
 */
public final class Megabyte extends SequenceModel {

  static final Script SCRIPT = Script.resource(Megabyte.class, "megabyte");

  private final MegabyteConfig config;
  private final @Nullable Global global;
  private final @Nullable Local local;
  private final Parameter head;

  /** From bytes to the vectors of patches. */
  record Global(
      Parameter table,
      @Nullable Parameter positions,
      @Nullable Parameter pad,
      LayerStack encoder,
      Transformer stack,
      Parameter toLocal) {}

  /** From the slots of a patch to what the head reads. */
  record Local(Parameter table, Parameter pad, @Nullable Parameter positions, Transformer stack) {}

  /** Creates the model, without memory for its parameters yet. */
  public Megabyte(MegabyteConfig config) {
    this.config = config;
    Initializer weights = new TruncatedNormalInitializer((float) config.initStd());
    int localDim = config.local().modelDim();
    int vocabulary = config.vocabularySize();
    global = config.globalModel() ? global(weights) : null;
    Parameter localTable =
        config.localModel() || config.tiedOutput()
            ? parameter("localEmbedding.weight", weights, vocabulary, localDim)
            : null;
    local = config.localModel() && localTable != null ? local(localTable, weights) : null;
    head =
        config.tiedOutput() && localTable != null
            ? localTable
            : parameter("head.weight", weights, vocabulary, localDim);
  }

  private Global global(Initializer weights) {
    int patch = config.patchSize();
    int dim = config.globalByteDim();
    boolean learned = config.globalPosition() == Position.LEARNED;
    boolean pad = config.globalPad() == GlobalPad.LEARNED;
    LayerStack encoder = new LayerStack();
    if (!config.convolutionalEncoder().isEmpty()) {
      addChildBlock("encoder", encoder);
    }
    for (int i = 0; i < config.convolutionalEncoder().size(); i++) {
      int width = config.convolutionalEncoder().get(i);
      encoder.add(String.valueOf(i), new CausalConvolution(dim, width, weights));
    }
    TransformerSize size = config.global();
    boolean rotary = config.globalPosition() == Position.ROTARY;
    return new Global(
        parameter("globalEmbedding.weight", weights, config.vocabularySize(), dim),
        learned ? parameter("globalPosition.weight", weights, config.contextLength(), dim) : null,
        pad ? parameter("globalPad.weight", weights, patch, dim) : null,
        encoder,
        addChildBlock("global", size.transformer(rotary, config.dropout(), weights)),
        parameter("globalToLocal.weight", weights, config.local().modelDim(), dim));
  }

  private Local local(Parameter table, Initializer weights) {
    TransformerSize size = config.local();
    int dim = size.modelDim();
    boolean learned = config.localPosition() == Position.LEARNED;
    Parameter pad = parameter("localPad.weight", weights, dim);
    Parameter positions =
        learned ? parameter("localPosition.weight", weights, config.patchSize(), dim) : null;
    Transformer stack =
        size.patchTransformer(
            config.patchSize(),
            config.crossPatch(),
            config.localPosition() == Position.ROTARY,
            config.dropout(),
            weights);
    return new Local(table, pad, positions, addChildBlock("local", stack));
  }

  @Override
  public MegabyteConfig config() {
    return config;
  }

  @Override
  public NDArray logits(ParameterStore store, NDArray ids, boolean training) {
    try (NDArray o = hidden(store, ids, training)) {
      return head(store, o, training);
    }
  }

  @Override
  public NDArray perByteLoss(ParameterStore store, NDArray ids, boolean training) {
    try (NDArray o = hidden(store, ids, training)) {
      return SlicedLoss.of(
          o, ids, config.vocabularySize(), training, part -> head(store, part, training));
    }
  }

  /** What the head reads (B, T, D_L) of ids (B, T). */
  private NDArray hidden(ParameterStore store, NDArray ids, boolean training) {
    checkIds(ids, longest(), "raise contextLength, or cut the sequence into windows", training);
    NDArray g = null;
    if (global != null) {
      try (NDArray bytes =
              SCRIPT.call(
                  "finished_patches", training, ids, config.patchSize(), beginsWithZeros());
          NDArray patches = patches(store, global, bytes, 0, null, true, training)) {
        g = global.stack.forward(store, patches, training); // (B, K, P*D_G)
      }
    }
    try (NDArray previous = SCRIPT.call("before", training, ids)) {
      return hidden(store, g, 0, previous, 0, null, training);
    } finally {
      if (g != null) {
        g.close();
      }
    }
  }

  private NDArray head(ParameterStore store, NDArray o, boolean training) {
    return SCRIPT.call("logits", training, o, value(store, head, o, training)); // (B, n, V)
  }

  /**
   * The global model's input (B, K, P*D_G) from the bytes of whole patches.
   *
   * @param bytes (B, K*P)
   * @param first the position of the first of them
   * @param encoderState where the convolutions stand; null at the beginning of whole sequences
   * @param withPad whether a learned pad, if there is one, comes before them
   */
  NDArray patches(
      ParameterStore store,
      Global global,
      NDArray bytes,
      long first,
      @Nullable LayerState encoderState,
      boolean withPad,
      boolean training) {
    NDArray table = value(store, global.table, bytes, training);
    NDList positions = optional(store, global.positions, bytes, training);
    NDList pad = withPad ? optional(store, global.pad, bytes, training) : new NDList();
    Place place = encoderState == null ? null : encoderState.place();
    NDArray h =
        place == null || positions.isEmpty()
            ? SCRIPT.call("embed", training, bytes, table, positions, first) // (B, K*P, D_G)
            : SCRIPT.call(
                "embed_patch",
                false,
                bytes,
                table,
                positions,
                place.position(),
                !beginsWithZeros());
    NDArray encoded = global.encoder.forward(store, h, encoderState, training); // (B, K*P, D_G)
    NDArray patches = SCRIPT.call("patches", training, encoded, pad, config.patchSize());
    h.close();
    encoded.close();
    return patches;
  }

  /**
   * The logits (B, n, V) of n bytes.
   *
   * @param g the global output (B, k, P*D_G) of consecutive patches, if there is a global model
   * @param slot where the first of the bytes stands in those patches
   * @param previous the byte before each of them, (B, n)
   * @param position the position of the first of them
   * @param localState where the local model stands; null for whole sequences
   */
  NDArray rows(
      ParameterStore store,
      @Nullable NDArray g,
      long slot,
      NDArray previous,
      long position,
      @Nullable LayerState localState,
      boolean training) {
    try (NDArray o = hidden(store, g, slot, previous, position, localState, training)) {
      return head(store, o, training);
    }
  }

  /** What the head reads (B, n, D_L); the arguments are those of {@link #rows}. */
  private NDArray hidden(
      ParameterStore store,
      @Nullable NDArray g,
      long slot,
      NDArray previous,
      long position,
      @Nullable LayerState localState,
      boolean training) {
    int patch = config.patchSize();
    long n = previous.getShape().get(1);
    NDList conditioning = new NDList();
    if (global != null && g != null) {
      NDArray toLocal = value(store, global.toLocal, previous, training);
      conditioning.add(SCRIPT.call("slices", training, g, toLocal, patch, slot, n)); // (B, n, D_L)
    }
    if (local == null) {
      return conditioning.get(0);
    }
    try (conditioning;
        NDArray h =
            SCRIPT.call(
                "local_input",
                training,
                previous,
                conditioning,
                value(store, local.table, previous, training),
                value(store, local.pad, previous, training),
                optional(store, local.positions, previous, training),
                position,
                patch,
                config.localFirstInput() == LocalFirstInput.PREVIOUS_BYTE)) {
      return local.stack.forward(store, h, localState, training); // (B, n, D_L)
    }
  }

  @Override
  boolean hasUniformTraining() {
    return !config.dropsOut();
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
    return global == null || global.positions == null ? Integer.MAX_VALUE : config.contextLength();
  }

  /** Whether a patch of zero bytes stands before the first; every byte then stands P later. */
  boolean beginsWithZeros() {
    return global != null && global.pad == null;
  }

  @Nullable Global global() {
    return global;
  }

  @Nullable Local local() {
    return local;
  }
}
