package org.megalab.magics;

import ai.djl.ndarray.NDArray;
import java.lang.reflect.Array;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.megalab.data.Corpus;
import org.megalab.data.ExampleSet;
import org.megalab.model.TrainableConfig;
import org.megalab.model.TrainableModel;
import org.megalab.train.Run;
import tech.tablesaw.api.Table;

/** A value in a few words, without the cost of writing out what is large. */
final class ShortValue {

  private static final int LENGTH = 60;

  private ShortValue() {}

  static String of(@Nullable Object value) {
    try {
      return cut(text(value));
    } catch (RuntimeException e) { // a toString() of the user's, or an array that was freed
      return "(" + e.getClass().getSimpleName() + ")";
    }
  }

  private static String text(@Nullable Object value) {
    if (value instanceof TrainableModel model) {
      return format("%s, %,d parameters", model.config().architecture(), model.parameterCount());
    } else if (value instanceof TrainableConfig config) {
      return config.architecture();
    } else if (value instanceof Corpus corpus) {
      return format("%s, %,d bytes to train on", corpus.name(), corpus.train().bytes());
    } else if (value instanceof ExampleSet set) {
      return format("%s, %,d examples to train on", set.name(), set.train().size());
    } else if (value instanceof Run run) {
      return run.directory().toString();
    } else if (value instanceof Table table) {
      return format("%s, %,d x %,d", table.name(), table.rowCount(), table.columnCount());
    } else if (value instanceof NDArray array) {
      return array.getShape() + " " + array.getDataType();
    } else if (value instanceof Collection<?> collection) {
      return format("%,d elements", collection.size());
    } else if (value instanceof Map<?, ?> map) {
      return format("%,d entries", map.size());
    } else if (value != null && value.getClass().isArray()) {
      return format("%,d elements", Array.getLength(value));
    }
    return String.valueOf(value instanceof CharSequence text ? head(text) : value);
  }

  private static CharSequence head(CharSequence text) {
    return text.subSequence(0, Math.min(text.length(), 2 * LENGTH));
  }

  private static String cut(String text) {
    String line = GenerateMagic.visible(text).replace('\n', '␊').replace('\t', ' ');
    return line.length() <= LENGTH ? line : line.substring(0, LENGTH - 1) + "…";
  }

  private static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
