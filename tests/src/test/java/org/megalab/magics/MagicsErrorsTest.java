package org.megalab.magics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.megalab.data.Corpus;
import org.megalab.model.SequenceModel;
import org.megalab.train.Run;

/** Wrong input: a clear message, and nothing is lost. */
class MagicsErrorsTest extends MagicsFixture {

  @Test
  void unknownHelpNamesTheMagics() {
    assertThat(failure("help", "trian")).contains("\"trian\"", "did you mean train?", "evaluate");
  }

  @Test
  void unknownOptionsAreNamedWithTheRightOnes() {
    assertThat(failure("train", "--stpes", "5"))
        .contains("%train", "'--stpes'", "did you mean --steps?", "--batch-size", "%help train");
    assertThat(failure("lsmagic", "x")).contains("'x'", "takes no options");
    assertThat(failure("dataset", "books", "latex")).contains("latex");
  }

  @Test
  void numbersAndChoicesAreChecked() {
    assertThat(failure("train", "--steps", "many")).contains("--steps", "'many'", "int");
    assertThat(failure("train", "--steps")).contains("--steps");
    assertThat(failure("train", "--steps", "-3")).contains("steps", "-3");
    assertThat(failure("train")).contains("--steps 500");
    assertThat(failure("evaluate", "--split", "dev"))
        .containsIgnoringCase("validation")
        .contains("dev");
    assertThat(failure("evaluate", "--context", "4K,x")).contains("\"x\" is no length");
    assertThat(failure("evaluate", "--context", "1M")).contains("1,048,576 bytes, the longest");
    assertThat(failure("evaluate", "--words=many")).contains("--words=many", "pg19-test");
    assertThat(failure("evaluate", "--words", "--context=8")).contains("mutually exclusive");
    assertThat(failure("evaluate", "--positions", "nowhere")).containsIgnoringCase("patch");
    assertThat(failure("plot", "--x", "time")).contains("time").containsIgnoringCase("seconds");
    assertThat(failure("generate", "--temperature", "-1")).contains("temperature", "-1");
    assertThat(failure("generate", "--top-p", "1.5")).contains("topP", "1.5");
    assertThat(failure("generate", "--batch", "0")).contains("--batch", "0");
    assertThat(failure("generate", "--threshold", "2")).contains("threshold", "2.0");
    assertThat(failure("generate", "--threshold", "0.9", "--top-k", "5"))
        .contains("--threshold", "--top-k");
    assertThat(failure("generate", "--stop", "")).contains("nothing to stop at");
    assertThat(stdout()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpu9", "gpu99999999999", "tpu", "gpu-1"})
  void unknownDevicesLeaveTheChosenOne(String name) throws Exception {
    line("device", "cpu");
    assertThat(failure("device", name)).contains("\"" + name + "\"", "cpu");
    line("device");
    assertThat(stdout()).contains("device cpu").doesNotContain(name);
  }

  @Test
  void aBadModelCellKeepsTheModel() throws Exception {
    SequenceModel before = model();
    assertThat(cellFailure("model", "{\n  \"patchSize\" 8\n}", "megabyte", "--preset", "tiny"))
        .contains("malformed JSON", "line 2 column");
    assertThat(cellFailure("model", "{\"patchSize\": 8", "megabyte", "--preset", "tiny"))
        .contains("malformed JSON", "line 1");
    assertThat(cellFailure("model", "{\"patchsize\": 8}", "megabyte", "--preset", "tiny"))
        .contains("unknown key \"patchsize\"", "did you mean \"patchSize\"?", "contextLength");
    assertThat(cellFailure("model", "{\"patchSize\": 5}", "megabyte", "--preset", "tiny"))
        .contains("patchSize = 5", "contextLength = 256", "take contextLength = ");
    assertThat(cellFailure("model", "{\"patchSize\": \"x\"}", "megabyte", "--preset", "tiny"))
        .contains("patchSize", "\"x\"");
    assertThat(cellFailure("model", "{}", "gigabyte")).contains("gigabyte", "megabyte");
    assertThat(cellFailure("model", "{}", "megabyte", "--preset", "huge"))
        .contains("\"huge\"", "tiny", "small");
    assertThat(cellFailure("model", "{\"preset\": \"tiny\"}", "megabyte", "--preset", "tiny"))
        .contains("\"preset\" is given twice");
    assertThat(cellFailure("model", "")).contains("architecture", "megabyte");
    assertThat(cellFailure("model", "", "megabyte")).contains("contextLength", "preset");
    assertThat(cellFailure("model", TINY, "megabyte", "--preset", "tiny", "--as", "class"))
        .contains("\"class\" cannot name a variable");
    assertThat(model()).isSameAs(before);
    line("evaluate");
  }

  @Test
  void aMissingTextNamesWhatThereIs() throws Exception {
    Corpus before = corpus();
    assertThat(failure("dataset", "boks")).contains("'boks'", "books", "latex", "datasets");
    assertThat(failure("dataset", folder.resolve("none").toString()))
        .contains("none", "there is no such folder", "train/");
    assertThat(failure("dataset", folder.toString())).contains("no train/", "text/");
    assertThat(failure("dataset", "books", "--as", "2nd")).contains("\"2nd\" cannot name");
    assertThat(failure("dataset", folder.resolve("text").toString(), "--verify"))
        .contains("checksums");
    assertThat(corpus()).isSameAs(before);
  }

  @Test
  void shippedTextsThatCannotBeFoundNameThePlaces() {
    System.setProperty("megalab.datasets", folder.resolve("empty").toString());
    try {
      assertThat(failure("dataset", "books"))
          .contains(folder.resolve("empty").toString(), "MEGALAB_DATASETS");
    } finally {
      System.clearProperty("megalab.datasets");
    }
  }

  @Test
  void missingVariablesSayHowToMakeThem() {
    assertThat(failure("evaluate", "--model", "nobody"))
        .contains("no variable \"nobody\"", "%%model megabyte --preset tiny");
    assertThat(failure("evaluate", "--data", "nobody"))
        .contains("no variable \"nobody\"", "%dataset books");
    assertThat(failure("plot", "--run", "nobody")).contains("no variable \"nobody\"", "%train");
    assertThat(failure("generate", "x", "--model", "nobody")).contains("\"nobody\"");
    assertThat(failure("summary", "nobody")).contains("\"nobody\"");
    assertThat(failure("summary", "1 + 1")).contains("\"1 + 1\" cannot name a variable");
  }

  @Test
  void variablesOfAnotherTypeSayWhichTheyAre() throws Exception {
    kernel.evalRaw("var number = 5;");
    assertThat(failure("evaluate", "--model", "number"))
        .contains("\"number\" must be a SequenceModel, got a Integer");
    assertThat(failure("train", "--steps", "2", "--data", "model"))
        .contains("\"model\" must be a Dataset, got a Megabyte");
    kernel.evalRaw("Run run = null;");
    assertThat(failure("plot")).contains("no variable \"run\"", "%train");
  }

  @Test
  void aRunDirectoryThatIsTakenOrCannotBeWrittenKeepsTheRun() throws Exception {
    Run before = trainTwoSteps("taken");
    String metrics = Files.readString(before.directory().resolve("metrics.jsonl"));
    assertThat(failure("train", "--steps", "2", "--run", before.directory().toString()))
        .contains("already holds a run", before.directory().toString());
    assertThat(before.directory().resolve("metrics.jsonl")).hasContent(metrics.strip());
    Path file = Files.writeString(folder.resolve("file"), "");
    assertThat(failure("train", "--steps", "2", "--run", file.resolve("r").toString()))
        .contains("cannot be written", file.toString(), "another directory");
    assertThat(failure("train", "--steps", "2", "--as", "int")).contains("\"int\" cannot name");
    assertThat(variable("run", Run.class)).isEqualTo(before);
  }

  @Test
  void resumeWantsARunWithASoundCheckpointAndNothingElse() throws Exception {
    Run run = trainTwoSteps("corrupt");
    String directory = run.directory().toString();
    assertThat(failure("train", "--resume", folder.resolve("none").toString()))
        .contains("none", "holds no run");
    assertThat(failure("train", "--resume", directory, "--learning-rate", "1", "--steps=9"))
        .contains("--learning-rate", "--steps", "leave");
    try (Stream<Path> files = Files.walk(run.directory().resolve("checkpoints"))) {
      for (Path weights : files.filter(f -> f.endsWith("model.safetensors")).toList()) {
        spoil(weights);
      }
    }
    double bits = bits();
    assertThat(failure("train", "--resume", directory))
        .contains("corrupt", "model.safetensors", "checksum");
    assertThat(bits()).isEqualTo(bits);
    assertThat(variable("run", Run.class)).isEqualTo(run);
    for (long step : List.copyOf(run.checkpoints())) {
      deleteFolder(run.directory().resolve("checkpoints/step-" + step));
    }
    assertThat(failure("train", "--resume", directory)).contains("no checkpoint");
  }

  @Test
  void resumeWantsTheRunsOwnModel() throws Exception {
    Run run = trainTwoSteps("own");
    cell("model", "", "megabyte", "--preset", "tiny", "--as", "larger");
    assertThat(failure("train", "--resume", run.directory().toString(), "--model", "larger"))
        .contains("another model", "\"contextLength\": 32");
    variable("larger", SequenceModel.class).close();
  }

  private double bits() throws Exception {
    return ((org.megalab.evaluate.BitsPerByte) line("evaluate")).value();
  }

  private static void spoil(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 1] ^= 1;
    Files.write(file, bytes);
  }

  private static void deleteFolder(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
