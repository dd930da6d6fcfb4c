package org.megalab.experiment;

import java.util.function.UnaryOperator;
import org.megalab.json.ConfigException;
import org.megalab.json.RecordJson;
import org.megalab.model.TrainableConfig;

/**
 * One row of a study's table: a name, and what is different from the base trial.
 *
 * @param name how it is called in tables, figures and folders
 * @param change makes the arm's trial of the base trial; what it throws is the row's error
 */
public record Arm(String name, UnaryOperator<Trial> change) {

  /**
   * Checks the name.
   *
   * @throws ConfigException if it is blank
   */
  public Arm {
    ConfigException.check(!name.isBlank(), "an arm needs a name, got \"%s\"", name);
  }

  /** A change that has a text form. */
  record Overrides(String json) implements UnaryOperator<Trial> {
    @Override
    public Trial apply(Trial base) {
      return base.with(json);
    }
  }

  /** The arm's trial; errors of its code, which may be a minute old, are exceptions. */
  Trial trial(Trial base) {
    try {
      return change.apply(base);
    } catch (LinkageError | StackOverflowError | AssertionError e) {
      throw new IllegalStateException(Outcome.message(e), e);
    }
  }

  /** Returns the arm that changes nothing. */
  public static Arm base() {
    return json("base", "{}");
  }

  /** Returns an arm of any change. */
  public static Arm of(String name, UnaryOperator<Trial> change) {
    return new Arm(name, change);
  }

  /**
   * Returns an arm in its text form, such as <code>{"patchSize": 4}</code>; {@link Trial#with}
   * tells the keys.
   *
   * @throws ConfigException if the text is malformed; keys are looked at when the study runs
   */
  public static Arm json(String name, String overrides) {
    RecordJson.parse(overrides);
    return new Arm(name, new Overrides(overrides));
  }

  /**
   * Returns an arm that changes the model, which must be of a kind:
   *
   * <pre>
   * Arm.model("P=8", MegabyteConfig.class, config -&gt; config.toBuilder().setPatchSize(8).build())
   * </pre>
   */
  public static <C extends TrainableConfig> Arm model(
      String name, Class<C> kind, UnaryOperator<C> change) {
    return of(
        name,
        trial -> {
          ConfigException.check(
              kind.isInstance(trial.model()),
              "the arm \"%s\" changes a %s, and the base is a %s",
              name,
              kind.getSimpleName(),
              trial.model().getClass().getSimpleName());
          return trial.withModel(change.apply(kind.cast(trial.model())));
        });
  }
}
