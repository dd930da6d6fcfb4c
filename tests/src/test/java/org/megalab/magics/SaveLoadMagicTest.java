package org.megalab.magics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.megalab.evaluate.BitsPerByte;
import org.megalab.interop.ModelFile;
import org.megalab.interop.ReferenceCheckpoint;
import org.megalab.model.SequenceClassifier;
import org.megalab.model.SequenceModel;
import org.megalab.train.Run;

/** {@code %save} and {@code %load}. */
class SaveLoadMagicTest extends MagicsFixture {

  private double bits(SequenceModel model) throws Exception {
    return BitsPerByte.of(model, corpus().validation()).value();
  }

  private SequenceModel loaded(String path, String name) throws Exception {
    line("load", path, name);
    return variable(name, SequenceModel.class);
  }

  @Test
  void aModelComesBackFromAFileAndFromAFolder() throws Exception {
    Path file = folder.resolve("new folder/mine.safetensors");
    Path whole = folder.resolve("mine");
    line("save", "model", file.toString());
    line("save", "model", whole.toString());
    assertThat(whole.resolve("model.safetensors")).hasSameBinaryContentAs(file);
    for (Path path : new Path[] {file, whole}) {
      SequenceModel read = loaded(path.toString(), "read");
      assertThat(read).isNotSameAs(model());
      assertThat(read.config()).isEqualTo(model().config());
      assertThat(bits(read)).isEqualTo(bits(model()));
    }
    try (SequenceModel java = ModelFile.load(file, Device.cpu())) {
      assertThat(bits(java)).isEqualTo(bits(model()));
    }
    variable("read", SequenceModel.class).close();
  }

  @Test
  void loadingFreesTheModelBefore() throws Exception {
    Path file = folder.resolve("again.safetensors");
    line("save", "model", file.toString());
    SequenceModel first = loaded(file.toString(), "again");
    SequenceModel second = loaded(file.toString(), "again");
    assertThatThrownBy(() -> SequenceModel.ids(first.manager(), new byte[] {1}))
        .isInstanceOf(IllegalStateException.class);
    assertThat(bits(second)).isEqualTo(bits(model()));
    second.close();
  }

  @Test
  void classifiersAreLoadedAsSuch() throws Exception {
    cell(
        "model",
        "{\"modelDim\": 16, \"layers\": 1}",
        "s4d",
        "--preset=tiny",
        "--classes=3",
        "--as=judge");
    Path file = folder.resolve("judge.safetensors");
    line("save", "judge", file.toString());
    line("load", file.toString(), "judge");
    SequenceClassifier judge = variable("judge", SequenceClassifier.class);
    assertThat(judge.config().classes()).isEqualTo(3);
    judge.close();
  }

  @Test
  void aRunIsLoadedFromItsNewestCheckpointOrTheOneAskedFor() throws Exception {
    Run run =
        train(
            "--steps=4",
            "--batch-size=2",
            "--checkpoint-every=2",
            "--run=" + folder.resolve("loaded"));
    double end = bits(model());
    assertThat(bits(loaded(run.directory().toString(), "trained"))).isEqualTo(end);
    line("load", run.directory().toString(), "trained", "--step", "2");
    assertThat(bits(variable("trained", SequenceModel.class))).isNotEqualTo(end);
    assertThat(failure("load", run.directory().toString(), "trained", "--step", "3"))
        .contains("no checkpoint of step 3", "[2, 4]");
    variable("trained", SequenceModel.class).close();
  }

  @Test
  void referencesAreWrittenAndRead() throws Exception {
    cell(
        "model",
        "{\"ropePairing\": \"half_split\", \"startId\": 0}",
        "llama",
        "--preset=tiny",
        "--as=llama");
    Path whole = folder.resolve("reference");
    line("save", "llama", whole.toString(), "--reference");
    assertThat(whole.resolve("config.json")).content().contains("\"model_type\": \"llama\"");
    SequenceModel original = variable("llama", SequenceModel.class);
    double expected = bits(original);
    try (SequenceModel java = ReferenceCheckpoint.load(whole, Device.cpu())) {
      assertThat(bits(java)).isEqualTo(expected);
    }
    assertThat(bits(loaded(whole.toString(), "llama"))).isEqualTo(expected);
    assertThat(failure("save", "llama", whole.toString(), "--reference", "--force"))
        .contains("holds a checkpoint", "choose another folder");
    variable("llama", SequenceModel.class).close();
  }

  @Test
  void nothingIsOverwrittenUnasked() throws Exception {
    Path file = Files.writeString(folder.resolve("precious.safetensors"), "precious");
    assertThat(failure("save", "model", file.toString())).contains("is there already", "--force");
    assertThat(file).hasContent("precious");
    line("save", "model", file.toString(), "--force");
    assertThat(ModelFile.isModel(file)).isTrue();
    Path whole = folder.resolve("whole");
    line("save", "model", whole.toString());
    assertThat(failure("save", "model", whole.toString())).contains("is there already", "--force");
    assertThat(failure("save", "model", Files.writeString(folder.resolve("f"), "").toString()))
        .contains("is a file", "folder");
    assertThat(stdout()).contains("precious.safetensors; %load reads it again");
  }

  @Test
  void wrongFilesAreNamedAndTheVariableStays() throws Exception {
    SequenceModel before = model();
    assertThat(failure("load", folder.resolve("nowhere").toString()))
        .contains("there is no", "nowhere", "%runs");
    Path text = Files.writeString(folder.resolve("text.safetensors"), "this is no such file");
    assertThat(failure("load", text.toString())).contains("text.safetensors");
    assertThat(failure("load", folder.resolve("text").toString())).contains("config.json");
    Path cut = folder.resolve("cut.safetensors");
    line("save", "model", cut.toString());
    byte[] bytes = Files.readAllBytes(cut);
    Files.write(cut, java.util.Arrays.copyOf(bytes, bytes.length - 8));
    assertThat(failure("load", cut.toString())).contains("cut.safetensors");
    assertThat(failure("load", cut.toString(), "--step", "2")).contains("--step is for a run");
    assertThat(failure("load", cut.toString(), "2nd")).contains("\"2nd\" cannot name");
    assertThat(failure("load")).contains("PATH", "%help load");
    assertThat(model()).isSameAs(before);
    line("evaluate");
  }
}
