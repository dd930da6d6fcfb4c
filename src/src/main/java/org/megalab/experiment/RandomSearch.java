package org.megalab.experiment;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.megalab.json.ConfigException;

/**
 * Arms that are drawn: each key independently of the others, so that n arms try n values of the
 * keys that matter, where a grid tries the n-th root (Bergstra and Bengio 2012).
 *
 * <pre>
 * List&lt;Arm&gt; arms = RandomSearch.seed(1)
 *     .values("patchSize", 4, 8, 16)
 *     .logarithmic("training.learningRate", 1e-4, 1e-2)
 *     .arms(12);
 * </pre>
 *
 * Keys are those of {@link Trial#with}, with dots into objects. Numbers are rounded to three
 * digits, which the arm's name has; the same seed draws the same arms. A learning rate is drawn on
 * a logarithmic scale: the common mistake is a uniform one, which hardly tries the small ones.
 */
public final class RandomSearch {

  private static final Set<String> SCALES = Set.of("uniform", "logarithmic", "integers");

  private static final MathContext DIGITS = new MathContext(3);

  /** The draws for each arm that are wanted, before the space counts as exhausted. */
  private static final int TRIES = 100;

  private final long seed;
  private final Map<String, Function<SplittableRandom, JsonElement>> space = new LinkedHashMap<>();

  private RandomSearch(long seed) {
    this.seed = seed;
  }

  /** Returns a search without keys yet, whose draws this seed decides. */
  public static RandomSearch seed(long seed) {
    return new RandomSearch(seed);
  }

  /** Draws a key from some values, each as likely as the others. */
  public RandomSearch values(String key, Object... values) {
    ConfigException.check(values.length > 0, "the key \"%s\" has no values", key);
    List<JsonElement> trees = Arrays.stream(values).map(Grid::json).toList();
    return key(key, random -> trees.get(random.nextInt(trees.size())));
  }

  /** Draws a whole number from low to high, both included. */
  public RandomSearch integers(String key, int low, int high) {
    check(key, low <= high, low, high);
    return key(key, random -> new JsonPrimitive(random.nextInt(low, high + 1)));
  }

  /** Draws a number between low and high. */
  public RandomSearch uniform(String key, double low, double high) {
    check(key, low < high, low, high);
    return key(key, random -> rounded(random.nextDouble(low, high)));
  }

  /** Draws a number between low and high whose logarithm is uniform. */
  public RandomSearch logarithmic(String key, double low, double high) {
    check(key, 0 < low && low < high, low, high);
    return key(key, random -> rounded(Math.exp(random.nextDouble(Math.log(low), Math.log(high)))));
  }

  private static void check(String key, boolean right, double low, double high) {
    ConfigException.check(
        right,
        "\"%s\" is drawn from low to high, and on a logarithmic scale from above 0, got %s to %s",
        key,
        low,
        high);
  }

  private static JsonElement rounded(double value) {
    return new JsonPrimitive(new BigDecimal(value).round(DIGITS).doubleValue());
  }

  private RandomSearch key(String key, Function<SplittableRandom, JsonElement> draw) {
    ConfigException.check(space.put(key, draw) == null, "the key \"%s\" is given twice", key);
    return this;
  }

  /**
   * Draws arms, all different.
   *
   * @throws ConfigException if there are no keys, or not as many arms in their space
   */
  public List<Arm> arms(int count) {
    ConfigException.check(!space.isEmpty(), "a random search needs at least one key");
    SplittableRandom random = new SplittableRandom(seed);
    Map<String, Arm> arms = new LinkedHashMap<>();
    for (int draw = 0; arms.size() < count; draw++) {
      ConfigException.check(
          draw < TRIES * count,
          "of the %d different arms that are wanted there seem to be only %d; draw fewer, or take"
              + " a grid",
          count,
          arms.size());
      Map<String, JsonElement> drawn = new LinkedHashMap<>();
      space.forEach((key, from) -> drawn.put(key, from.apply(random)));
      Arm arm = Grid.arm(drawn);
      arms.putIfAbsent(arm.name(), arm);
    }
    return new ArrayList<>(arms.values());
  }

  /**
   * Draws the arms of a text form: {@code arms}, {@code seed} (1 when it is not there) and {@code
   * space}, where a key has a list of values, or an object that says how low and high are drawn
   * from.
   *
   * <pre>
   * {"arms": 12, "seed": 1, "space": {"patchSize": [4, 8], "training.learningRate": {"logarithmic": [1e-4, 1e-2]}}}
   * </pre>
   */
  static List<Arm> read(JsonObject tree) {
    ConfigException.check(
        Set.of("arms", "seed", "space").containsAll(tree.keySet())
            && tree.has("arms")
            && tree.has("space")
            && tree.get("space").isJsonObject(),
        "random must be an object with arms, seed and space, got %s",
        tree);
    RandomSearch search = seed(tree.has("seed") ? Values.whole(tree.get("seed"), "seed") : 1);
    tree.getAsJsonObject("space").entrySet().forEach(e -> search.read(e.getKey(), e.getValue()));
    return search.arms(Values.integer(tree.get("arms"), "arms"));
  }

  private void read(String key, JsonElement range) {
    if (range.isJsonArray()) {
      values(key, range.getAsJsonArray().asList().toArray(new Object[0]));
      return;
    }
    ConfigException.check(
        range.isJsonObject()
            && range.getAsJsonObject().size() == 1
            && SCALES.containsAll(range.getAsJsonObject().keySet()),
        "\"%s\" is drawn from a list of values, or from {\"uniform\": [low, high]}, logarithmic or"
            + " integers; got %s",
        key,
        range);
    Map.Entry<String, JsonElement> scale = range.getAsJsonObject().entrySet().iterator().next();
    List<JsonElement> ends =
        scale.getValue().isJsonArray() ? scale.getValue().getAsJsonArray().asList() : List.of();
    ConfigException.check(
        ends.size() == 2 && ends.stream().allMatch(RandomSearch::isNumber),
        "\"%s\" is drawn between two numbers [low, high], got %s",
        key,
        range);
    double low = ends.get(0).getAsDouble();
    double high = ends.get(1).getAsDouble();
    switch (scale.getKey()) {
      case "logarithmic" -> logarithmic(key, low, high);
      case "uniform" -> uniform(key, low, high);
      default -> integers(key, Values.integer(ends.get(0), key), Values.integer(ends.get(1), key));
    }
  }

  private static boolean isNumber(JsonElement json) {
    return json.isJsonPrimitive() && json.getAsJsonPrimitive().isNumber();
  }
}
