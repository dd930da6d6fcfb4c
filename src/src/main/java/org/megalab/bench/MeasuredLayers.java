package org.megalab.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.megalab.layer.LayerStack;
import org.megalab.layer.NormalizedAttention;
import org.megalab.layer.SequenceLayer;
import org.megalab.model.SequenceModel;

/**
 * The layers from (B, T, D) to (B, T, D) of a model, one of each kind and size, in the order of the
 * block tree: whole blocks, and what is in them.
 */
final class MeasuredLayers {

  /** What runs a layer over whole sequences. */
  interface Forward {
    NDArray apply(ParameterStore store, NDArray x, boolean training);
  }

  /** A layer: its path, as in the names of parameters, what it is, and D. */
  record Entry(String path, Block block, long width, Forward forward) {

    /** The numbers of parameters, and of those in matrices. */
    long parameters(boolean matricesAlone) {
      return block.getParameters().stream()
          .map(Pair::getValue)
          .filter(p -> !matricesAlone || p.getType() == Parameter.Type.WEIGHT)
          .filter(p -> !matricesAlone || p.getShape().dimension() > 1)
          .mapToLong(p -> p.getShape().size())
          .sum();
    }
  }

  private final List<Entry> entries = new ArrayList<>();
  private final Set<String> seen = new HashSet<>();

  private MeasuredLayers() {}

  static List<Entry> of(SequenceModel model) {
    MeasuredLayers layers = new MeasuredLayers();
    layers.collect(model, "", OptionalLong.empty());
    return layers.entries;
  }

  private void collect(Block block, String path, OptionalLong outer) {
    OptionalLong width = block instanceof SequenceLayer ? width(block, outer) : outer;
    if (width.isPresent() && seen.add(kind(block))) {
      add(block, path, width.getAsLong());
    }
    for (Pair<String, Block> child : block.getChildren()) {
      String name = child.getKey().replaceFirst("^\\d+", ""); // DJL numbers its children
      collect(child.getValue(), path.isEmpty() ? name : path + "." + name, width);
    }
  }

  private void add(Block block, String path, long width) {
    if (block instanceof NormalizedAttention attention) {
      Forward forward = (store, x, training) -> attention.forward(store, x, x, null, training);
      entries.add(new Entry(path, block, width, forward));
    } else if (block instanceof SequenceLayer layer && !(block instanceof LayerStack)) {
      entries.add(new Entry(path, block, width, layer::forward));
    }
  }

  private static String kind(Block block) {
    return block.getClass().getName()
        + block.getParameters().values().stream().map(Parameter::getShape).toList();
  }

  /** D is what the first norm inside has gains for. */
  private static OptionalLong width(Block block, OptionalLong outer) {
    OptionalLong inside =
        block.getParameters().stream()
            .map(Pair::getValue)
            .filter(p -> p.getType() == Parameter.Type.GAMMA && p.getShape().dimension() == 1)
            .mapToLong(p -> p.getShape().size())
            .findFirst();
    return outer.isPresent() ? outer : inside;
  }
}
