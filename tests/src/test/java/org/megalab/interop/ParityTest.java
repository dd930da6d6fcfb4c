package org.megalab.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.megalab.model.MegabyteConfig;
import org.megalab.model.SequenceModel;
import org.megalab.torchscript.Precision;

class ParityTest {
  private static final Path GOLDEN =
      Path.of(System.getProperty("megalab.root"), "tests/src/test/resources/golden");

  @TempDir Path folder;

  static List<String> recordings() throws IOException {
    try (Stream<Path> files = Files.list(GOLDEN)) {
      return files
          .map(path -> path.getFileName().toString())
          .filter(name -> name.endsWith(".safetensors"))
          .sorted()
          .toList();
    }
  }

  @ParameterizedTest
  @MethodSource("recordings")
  void recordingComesOut(String name) {
    Parity.Result result = Parity.compare(GOLDEN.resolve(name), Device.cpu());
    System.out.println(result);
    assertThat(result.passed()).as(result.toString()).isTrue();
  }

  @ParameterizedTest
  @MethodSource("recordings")
  void recordingComesOutInBfloat16(String name) {
    assertRounded(Parity.compare(GOLDEN.resolve(name), Device.cpu(), Precision.BFLOAT16));
  }

  /** What comes out in bfloat16, of which one step is 0.0078. */
  static void assertRounded(Parity.Result result) {
    assertThat(result.problem()).isEmpty();
    assertThat(result.forward()).as(result.file()).isBetween(1e-4, 0.02);
    // Saturated scores: float32 loses forty times as much there as in the others.
    boolean saturated = result.file().matches("mega_attention_(chunk|softmax).*");
    assertThat(result.gradient()).as(result.file()).isBetween(1e-4, saturated ? 0.5 : 0.08);
  }

  @Test
  void aFolderIsComparedWhole() throws IOException {
    assertThat(Parity.compareAll(GOLDEN, Device.cpu()).map(Parity.Result::file))
        .hasSize(20)
        .isEqualTo(recordings());
  }

  @Test
  void aWrongRecordingFails() {
    Parity.Result result =
        compareChanged("megabyte_2stage", "param.to_logits.bias", values -> values[3] += 0.01f);
    assertThat(result.passed()).isFalse();
    assertThat(result.forward()).isGreaterThan(Parity.FORWARD_TOLERANCE);
    assertThat(result.toString()).startsWith("FAIL").contains("megabyte_lm");
  }

  /** A gradient recorded as zero is measured by the largest, so that rounding may pass. */
  @Test
  void aGradientThatShouldBeZeroFails() {
    Parity.Result result =
        compareChanged(
            "official_cema", "grad_param.alpha", values -> java.util.Arrays.fill(values, 0));
    assertThat(result.passed()).isFalse();
    assertThat(result.forward()).isLessThan(Parity.FORWARD_TOLERANCE);
    assertThat(result.gradient()).isBetween(Parity.GRADIENT_TOLERANCE, 1.0);
  }

  private Parity.Result compareChanged(String name, String tensor, Consumer<float[]> change) {
    Safetensors file = Safetensors.open(GOLDEN.resolve(name + ".safetensors"));
    SafetensorsWriter writer = new SafetensorsWriter();
    file.metadata().forEach(writer::metadata);
    for (String each : file.names()) {
      if (file.dtype(each) == Dtype.I64) {
        writer.longs(each, file.longs(each), file.shape(each));
      } else {
        float[] values = file.floats(each);
        if (each.equals(tensor)) {
          change.accept(values);
        }
        writer.floats(each, values, file.shape(each));
      }
    }
    Path changed = folder.resolve("changed.safetensors");
    writer.write(changed);
    return Parity.compare(changed, Device.cpu());
  }

  @Test
  void unknownKindsAndBrokenFilesFailWithTheirReason() throws Exception {
    Path unknown = folder.resolve("unknown.safetensors");
    new SafetensorsWriter()
        .metadata("module", "perceptron")
        .floats("param.w", new float[] {1}, 1)
        .write(unknown);
    assertThat(Parity.compare(unknown, Device.cpu()).toString())
        .startsWith("FAIL")
        .contains("perceptron");
    Path broken = Files.writeString(folder.resolve("broken.safetensors"), "nonsense");
    assertThat(Parity.compare(broken, Device.cpu()).passed()).isFalse();
    assertThatThrownBy(() -> Parity.compareAll(folder.resolve("nowhere"), Device.cpu()))
        .hasMessageContaining("nowhere");
  }

  @Test
  void modelsSurviveTheirFile() {
    Path path = folder.resolve("model.safetensors");
    try (SequenceModel model =
            MegabyteConfig.preset("tiny").newModel().initialize(Device.cpu(), 1);
        NDManager manager = NDManager.newBaseManager()) {
      ModelFile.save(model, path);
      try (SequenceModel loaded = ModelFile.load(path, Device.cpu())) {
        assertThat(loaded.config()).isEqualTo(model.config());
        NDArray ids =
            SequenceModel.ids(
                manager,
                "the same in, the same out".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        assertThat(loaded.logits(ids).toFloatArray())
            .containsExactly(model.logits(ids).toFloatArray());
      }
    }
    assertThatThrownBy(
            () -> ModelFile.load(GOLDEN.resolve("megabyte_2stage.safetensors"), Device.cpu()))
        .hasMessageContaining("not a model that Megalab saved");
    try (SequenceModel other =
        MegabyteConfig.preset("small").newModel().initialize(Device.cpu(), 1)) {
      assertThatThrownBy(() -> ModelFile.copyInto(path, other)).hasMessageContaining("shape");
    }
  }
}
