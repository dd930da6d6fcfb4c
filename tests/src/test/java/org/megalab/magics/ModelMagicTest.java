package org.megalab.magics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.megalab.data.ExampleSet;
import org.megalab.evaluate.Accuracy;
import org.megalab.experiment.LearningTask;
import org.megalab.model.SequenceClassifier;
import org.megalab.model.SequenceModel;
import org.megalab.train.Run;
import org.megalab.train.TrainingConfig;

/** {@code %%model}: models of all kinds, and the one before. */
class ModelMagicTest extends MagicsFixture {

  @Test
  void modelStartsFromAPresetAndTheSeedDecidesItsParameters() throws Exception {
    cell("model", "", "megabyte", "--preset", "tiny", "--as", "preset");
    assertThat(variable("preset", SequenceModel.class).config().contextLength()).isEqualTo(256);
    cell("model", "{\"architecture\": \"megabyte\", \"preset\": \"tiny\"}", "--as", "inJson");
    cell("model", "", "megabyte", "--preset", "tiny", "--as", "other", "--seed", "2");
    assertThat(bits("preset")).isEqualTo(bits("inJson")).isNotEqualTo(bits("other"));
    for (String name : new String[] {"preset", "inJson", "other"}) {
      variable(name, SequenceModel.class).close();
    }
  }

  @Test
  void aClassifierIsBuiltTrainedAndJudged() throws Exception {
    cell(
        "model",
        "{\"modelDim\": 16, \"layers\": 1}",
        "s4d",
        "--preset=tiny",
        "--classes=10",
        "--input=real",
        "--as=classifier");
    assertThat(last("text/html")).contains("s4d", "10 classes");
    SequenceClassifier classifier = variable("classifier", SequenceClassifier.class);
    ExampleSet set = LearningTask.named("fashion-mnist").data() instanceof ExampleSet e ? e : null;
    new Session(kernel).define("examples", ExampleSet.class, java.util.Objects.requireNonNull(set));
    line(
        "train",
        "--steps=2",
        "--batch-size=4",
        "--micro-batch-size=2",
        "--precision=bfloat16",
        "--decay=linear",
        "--optimizer=adam",
        "--recipe=s4d",
        "--average-decay=0.9",
        "--model=classifier",
        "--data=examples",
        "--as=judged",
        "--run=" + folder.resolve("judged"));
    Run run = variable("judged", Run.class);
    assertThat(run.training().decay()).isEqualTo(TrainingConfig.Decay.LINEAR);
    assertThat(run.training().weightDecay()).isEqualTo(0.01);
    Accuracy accuracy =
        (Accuracy) line("evaluate", "--model=classifier", "--data=examples", "--split=test");
    assertThat(accuracy.value()).isBetween(0.0, 1.0);
    assertThat(last("text/html")).contains("Sneaker", "accuracy");
    assertThatThrownBy(() -> line("evaluate", "--data=examples", "--words"))
        .hasStackTraceContaining("holds examples");
    classifier.close();
  }

  private double bits(String name) throws Exception {
    SequenceModel model = variable(name, SequenceModel.class);
    try (var ids = SequenceModel.ids(model.manager(), "hello".getBytes(StandardCharsets.UTF_8))) {
      return model.perByteLoss(ids).mean().getFloat();
    }
  }

  @Test
  void aModelBuiltAgainFreesTheOneBefore() throws Exception {
    cell("model", TINY, "megabyte", "--preset", "tiny", "--as", "again");
    SequenceModel first = variable("again", SequenceModel.class);
    cell("model", TINY, "megabyte", "--preset", "tiny", "--as", "again");
    assertThat(variable("again", SequenceModel.class)).isNotSameAs(first);
    assertThatThrownBy(() -> SequenceModel.ids(first.manager(), new byte[] {1}))
        .isInstanceOf(IllegalStateException.class);
    line("evaluate", "--model", "again");
    variable("again", SequenceModel.class).close();
  }
}
