package org.megalab.kernel;

import io.github.spencerpark.jupyter.kernel.magic.registry.CellMagicFunction;
import io.github.spencerpark.jupyter.kernel.magic.registry.LineMagicFunction;
import io.github.spencerpark.jupyter.kernel.magic.registry.Magics;
import java.util.List;
import java.util.NavigableSet;
import java.util.concurrent.ConcurrentSkipListSet;

/** A {@link Magics} that can tell which names it knows. */
public final class MagicRegistry extends Magics {
  private final NavigableSet<String> lineNames = new ConcurrentSkipListSet<>();
  private final NavigableSet<String> cellNames = new ConcurrentSkipListSet<>();

  /** Names that may follow {@code %}, sorted. */
  public List<String> lineNames() {
    return List.copyOf(lineNames);
  }

  /** Names that may follow {@code %%}, sorted. */
  public List<String> cellNames() {
    return List.copyOf(cellNames);
  }

  @Override
  public void registerLineMagic(String name, LineMagicFunction<?> magic) {
    super.registerLineMagic(name, magic);
    lineNames.add(name);
  }

  @Override
  public void registerCellMagic(String name, CellMagicFunction<?> magic) {
    super.registerCellMagic(name, magic);
    cellNames.add(name);
  }

  @Override
  public <T extends LineMagicFunction<?> & CellMagicFunction<?>> void registerLineCellMagic(
      String name, T magic) {
    super.registerLineCellMagic(name, magic);
    lineNames.add(name);
    cellNames.add(name);
  }

  @Override
  @SuppressWarnings("TypeParameterUnusedInFormals") // the library's signature
  public <T> T applyLineMagic(String name, List<String> args) throws Exception {
    requireKnown(name, "%", lineNames);
    return super.applyLineMagic(name, args);
  }

  @Override
  @SuppressWarnings("TypeParameterUnusedInFormals") // the library's signature
  public <T> T applyCellMagic(String name, List<String> args, String body) throws Exception {
    requireKnown(name, "%%", cellNames);
    return super.applyCellMagic(name, args, body);
  }

  private static void requireKnown(String name, String prefix, NavigableSet<String> known) {
    if (!known.contains(name)) {
      throw new IllegalArgumentException(
          "There is no magic %s%s. Known: %s."
              .formatted(
                  prefix,
                  name,
                  known.isEmpty() ? "none" : prefix + String.join(", " + prefix, known)));
    }
  }
}
