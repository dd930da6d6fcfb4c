package org.megalab.train;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import org.jspecify.annotations.Nullable;

/**
 * How far a run is.
 *
 * @param step the updates done
 * @param bytes the bytes trained on
 * @param seconds the time spent
 * @param score the newest evaluation
 * @param bestStep the step of the best evaluation; −1 before the first
 * @param bestBpb its bits per byte
 * @param due the line of metrics of the newest update, while it waits for an evaluation
 */
record Position(
    long step,
    long bytes,
    double seconds,
    Task.Score score,
    long bestStep,
    double bestBpb,
    @Nullable JsonObject due) {

  /** Before the first update. */
  static final Position START =
      new Position(0, 0, 0, Task.Score.NONE, -1, Double.POSITIVE_INFINITY, null);

  /** After another update. */
  Position next(long more, double spent, JsonObject line) {
    return new Position(step + 1, bytes + more, spent, score, bestStep, bestBpb, line);
  }

  /** After the evaluation that was due, or when none was. */
  Position evaluated(Task.@Nullable Score now) {
    if (now == null) {
      return new Position(step, bytes, seconds, score, bestStep, bestBpb, null);
    }
    boolean best = now.bitsPerByte() < bestBpb;
    return new Position(
        step,
        bytes,
        seconds,
        now,
        best ? step : bestStep,
        best ? now.bitsPerByte() : bestBpb,
        null);
  }

  /** Writes the position into a checkpoint's state. */
  void write(JsonObject state) {
    state.addProperty("step", step);
    state.addProperty("bytes", bytes);
    state.addProperty("seconds", seconds);
    number(state, "validationBpb", score.bitsPerByte());
    number(state, "validationAccuracy", score.accuracy());
    if (bestStep >= 0) {
      state.addProperty("bestStep", bestStep);
      state.addProperty("bestBpb", bestBpb);
    }
    if (due != null) {
      state.add("due", due);
    }
  }

  private static void number(JsonObject state, String key, double value) {
    if (!Double.isNaN(value)) {
      state.addProperty(key, value);
    }
  }

  /** Reads what {@link #write} wrote. */
  static Position read(JsonObject state) {
    boolean best = state.has("bestStep");
    return new Position(
        state.get("step").getAsLong(),
        state.get("bytes").getAsLong(),
        state.get("seconds").getAsDouble(),
        new Task.Score(number(state, "validationBpb"), number(state, "validationAccuracy")),
        best ? state.get("bestStep").getAsLong() : -1,
        best ? state.get("bestBpb").getAsDouble() : Double.POSITIVE_INFINITY,
        state.has("due") ? state.getAsJsonObject("due") : null);
  }

  private static double number(JsonObject state, String key) {
    JsonElement value = state.get(key);
    return value == null ? Double.NaN : value.getAsDouble();
  }
}
