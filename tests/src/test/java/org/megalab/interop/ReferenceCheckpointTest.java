package org.megalab.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.megalab.json.ConfigException;
import org.megalab.layer.RopePairing;
import org.megalab.model.Llama;
import org.megalab.model.LlamaConfig;
import org.megalab.model.MegabyteConfig;
import org.megalab.model.MegalodonConfig;
import org.megalab.model.ModelConfig;
import org.megalab.model.SequenceModel;

class ReferenceCheckpointTest {

  @TempDir Path folder;

  private static Safetensors golden(String name) {
    return Safetensors.open(
        Path.of(
            System.getProperty("megalab.root"),
            "tests/src/test/resources/golden",
            name + ".safetensors"));
  }

  /** A recording's parameters and configuration, as the reference would store them. */
  private Path stored(String recording, Dtype dtype) throws IOException {
    Safetensors file = golden(recording);
    SafetensorsWriter writer = new SafetensorsWriter();
    for (String name : file.names()) {
      if (name.startsWith("param.")
          || name.startsWith("buffer.") && !name.endsWith("original_inv_freq")) {
        String stored = name.substring(name.indexOf('.') + 1);
        if (dtype == Dtype.BF16) {
          writer.bfloat16s(stored, () -> file.floats(name), file.shape(name));
        } else {
          writer.floats(stored, file.floats(name), file.shape(name));
        }
      }
    }
    Path checkpoint = Files.createDirectories(folder.resolve(recording));
    writer.write(checkpoint.resolve("model.safetensors"));
    Files.writeString(checkpoint.resolve("config.json"), file.metadata().get("config"));
    return checkpoint;
  }

  private static float[] logits(SequenceModel model) {
    try (NDManager manager = NDManager.newBaseManager()) {
      long[] ids = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7};
      return model.logits(manager.create(ids, new Shape(2, 7))).toFloatArray();
    }
  }

  @Test
  void importedLlamaGivesTheRecordedLogits() throws IOException {
    Safetensors recording = golden("llama_lm");
    try (Llama model =
            (Llama) ReferenceCheckpoint.load(stored("llama_lm", Dtype.F32), Device.cpu());
        NDManager manager = NDManager.newBaseManager()) {
      NDArray ids =
          manager.create(recording.longs("input.ids"), new Shape(recording.shape("input.ids")));
      NDArray recorded =
          manager.create(
              recording.floats("output.logits"), new Shape(recording.shape("output.logits")));
      NDArray ours = model.nextLogits(new ParameterStore(manager, false), ids, null, false);
      assertThat(ours.sub(recorded).norm().getFloat() / recorded.norm().getFloat())
          .isLessThan(1e-5f);
      assertThat(model.config().startId()).isEqualTo(1);
      assertThat(model.config().ropePairing()).isEqualTo(RopePairing.HALF_SPLIT);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "llama_lm",
    "megabyte_2stage",
    "megabyte_3stage",
    "official_lm_base",
    "official_lm_swiglu"
  })
  void exportedTensorsAreTheReferences(String name) throws IOException {
    Safetensors recording = golden(name);
    Path exported = folder.resolve("exported");
    try (SequenceModel model = ReferenceCheckpoint.load(stored(name, Dtype.F32), Device.cpu())) {
      ReferenceCheckpoint.save(model, exported);
      try (SequenceModel again = ReferenceCheckpoint.load(exported, Device.cpu())) {
        assertThat(again.config()).isEqualTo(model.config());
        assertThat(logits(again)).containsExactly(logits(model));
      }
    }
    Map<String, List<Long>> expected = new TreeMap<>();
    for (String tensor : recording.names()) {
      if (tensor.startsWith("param.")
          || tensor.startsWith("buffer.") && !tensor.endsWith("inv_freq")) { // not stored there
        expected.put(tensor.substring(tensor.indexOf('.') + 1), shape(recording, tensor));
      }
    }
    Safetensors file = Safetensors.open(exported.resolve("model.safetensors"));
    Map<String, List<Long>> actual = new TreeMap<>();
    file.names().forEach(tensor -> actual.put(tensor, shape(file, tensor)));
    assertThat(actual).isEqualTo(expected);
    assertThat(file.floats(file.names().first()))
        .containsExactly(recording.floats("param." + file.names().first()));
    if (file.names().contains("rope.freqs")) {
      assertThat(file.floats("rope.freqs"))
          .containsExactly(recording.floats("buffer.rope.freqs"), within(1e-7f));
    }
    assertThat(file.metadata()).containsEntry("format", "pt");
  }

  private static List<Long> shape(Safetensors file, String tensor) {
    return Arrays.stream(file.shape(tensor)).boxed().toList();
  }

  private static LlamaConfig.Builder llama() {
    return LlamaConfig.builder()
        .optVocabularySize(11)
        .optStartId(0)
        .setContextLength(24)
        .setModelDim(16)
        .setLayers(2)
        .setHeads(4)
        .optKeyValueHeads(2)
        .optFeedForwardDim(20)
        .optRopePairing(RopePairing.HALF_SPLIT)
        .optRopeBase(500_000)
        .optInitStd(0.3);
  }

  private static SequenceModel model(ModelConfig config) {
    return config.newModel().initialize(Device.cpu(), 3);
  }

  @Test
  void aTiedHeadIsStoredOnceAndAcceptedTwice() throws IOException {
    Path tied = folder.resolve("tied");
    try (SequenceModel model = model(llama().optTiedOutput(true).build())) {
      ReferenceCheckpoint.save(model, tied);
      Path file = tied.resolve("model.safetensors");
      assertThat(Safetensors.open(file).names())
          .contains("model.embed_tokens.weight")
          .doesNotContain("lm_head.weight");
      rewrite(file, writer -> writer.floats("lm_head.weight", new float[11 * 16], 11, 16));
      try (SequenceModel again = ReferenceCheckpoint.load(tied, Device.cpu())) {
        assertThat(logits(again)).containsExactly(logits(model));
      }
    }
  }

  @Test
  void aLargeModelIsDividedAmongFiles() throws IOException {
    Path parts = folder.resolve("parts");
    try (SequenceModel model = model(llama().build())) {
      ReferenceCheckpoint.save(model, parts, Dtype.F32, 4_000);
      JsonObject index =
          JsonParser.parseString(Files.readString(parts.resolve("model.safetensors.index.json")))
              .getAsJsonObject();
      assertThat(index.getAsJsonObject("metadata").get("total_size").getAsLong())
          .isEqualTo(4 * model.parameterCount());
      SortedSet<String> named = new TreeSet<>();
      index
          .getAsJsonObject("weight_map")
          .asMap()
          .values()
          .forEach(name -> named.add(name.getAsString()));
      try (Stream<Path> files = Files.list(parts)) {
        assertThat(
                files
                    .map(path -> path.getFileName().toString())
                    .filter(name -> name.endsWith(".safetensors")))
            .hasSizeGreaterThan(2)
            .containsExactlyInAnyOrderElementsOf(named)
            .contains("model-00001-of-%05d.safetensors".formatted(named.size()));
      }
      try (SequenceModel again = ReferenceCheckpoint.load(parts, Device.cpu())) {
        assertThat(again.config()).isEqualTo(model.config());
        assertThat(logits(again)).containsExactly(logits(model));
      }
    }
  }

  @Test
  void bfloat16IsRoundedOnceAndReadExactly() {
    Path path = folder.resolve("half.safetensors"); // one file with its configuration in it
    try (SequenceModel model = model(llama().build())) {
      ReferenceCheckpoint.save(model, path, Dtype.BF16, 1L << 30);
      assertThat(Safetensors.open(path).dtype("lm_head.weight")).isEqualTo(Dtype.BF16);
      try (SequenceModel again = ReferenceCheckpoint.load(path, Device.cpu())) {
        float[] before = model.weight("head.weight").toFloatArray();
        float[] after = again.weight("head.weight").toFloatArray();
        for (int i = 0; i < before.length; i++) {
          assertThat(Float.floatToRawIntBits(after[i]) & 0xFFFF).isZero();
          assertThat(Math.abs(after[i] - before[i])).isLessThanOrEqualTo(Math.abs(before[i]) / 256);
        }
      }
    }
  }

  @Test
  void whatTheReferenceCannotExpressIsNotWritten() {
    try (SequenceModel adjacent = model(llama().optRopePairing(RopePairing.ADJACENT).build());
        SequenceModel ownStart = model(llama().optStartId(-1).build());
        SequenceModel other = model(MegabyteConfig.preset("tiny"))) {
      Path nothing = folder.resolve("nothing");
      assertThatThrownBy(() -> ReferenceCheckpoint.save(adjacent, nothing))
          .isInstanceOf(ConfigException.class)
          .hasMessageContaining("half_split");
      assertThatThrownBy(() -> ReferenceCheckpoint.save(ownStart, nothing))
          .isInstanceOf(ConfigException.class)
          .hasMessageContaining("startId = -1");
      assertThatThrownBy(() -> ReferenceCheckpoint.save(other, nothing))
          .hasMessageContainingAll("\"megabyte\"", "Hugging Face Llama", "ModelFile");
      assertThat(nothing).doesNotExist();
    }
  }

  @Test
  void megalodonKeepsItsStartAndItsTiedHead() {
    MegalodonConfig config =
        MegalodonConfig.preset("tiny").toBuilder()
            .optStartId(10)
            .optTiedOutput(true)
            .setContextLength(64)
            .optChunkSize(64)
            .build();
    Path exported = folder.resolve("megalodon");
    try (SequenceModel model = model(config)) {
      ReferenceCheckpoint.save(model, exported);
      try (SequenceModel again = ReferenceCheckpoint.load(exported, Device.cpu())) {
        assertThat(again.config()).isEqualTo(config);
        assertThat(logits(again)).containsExactly(logits(model));
      }
    }
    Path nothing = folder.resolve("nothing");
    try (SequenceModel rms = model(config.toBuilder().optNorm(MegalodonConfig.Norm.RMS).build());
        SequenceModel ownStart = model(config.toBuilder().optStartId(-1).build())) {
      assertThatThrownBy(() -> ReferenceCheckpoint.save(rms, nothing))
          .hasMessageContainingAll("norm is RMS", "TIMESTEP");
      assertThatThrownBy(() -> ReferenceCheckpoint.save(ownStart, nothing))
          .hasMessageContaining("startId = -1");
    }
  }

  @Test
  void checkpointsAreNotMixed() throws IOException {
    Path checkpoint = stored("llama_lm", Dtype.F32);
    Path before = checkpoint.resolve("model.safetensors");
    long size = Files.size(before);
    try (SequenceModel model = model(llama().build())) {
      assertThatThrownBy(() -> ReferenceCheckpoint.save(model, checkpoint))
          .hasMessageContainingAll("config.json", "model.safetensors", "another folder");
      assertThat(Files.size(before)).isEqualTo(size);
      assertThatThrownBy(() -> ReferenceCheckpoint.save(model, folder, Dtype.F16, 1))
          .hasMessageContaining("F32 or BF16");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"hidden_act\": \"gelu\"",
        "\"attention_bias\": true",
        "\"mlp_bias\": true",
        "\"rope_scaling\": {\"type\": \"linear\", \"factor\": 2.0}",
        "\"rope_parameters\": {\"rope_type\": \"yarn\"}",
        "\"head_dim\": 16",
        "\"bos_token_id\": null",
        "\"bos_token_id\": [1, 2]",
        "\"bos_token_id\": 64",
        "\"quantization_config\": {}",
        "\"hidden_size\": 2.5",
        "\"hidden_size\": 4294967328",
        "\"hidden_size\": \"32\"",
        "\"hidden_size\": null",
        "\"num_hidden_layers\": 2000000000",
        "\"rms_norm_eps\": [1]",
        "\"tie_word_embeddings\": \"no\""
      })
  void whatIsNotSupportedIsRejected(String change) throws IOException {
    Path checkpoint = stored("llama_lm", Dtype.F32);
    change(checkpoint, change);
    assertThatThrownBy(() -> ReferenceCheckpoint.load(checkpoint, Device.cpu()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("llama_lm")
        .hasMessageContaining(
            change.startsWith("\"rope_par")
                ? "rope_type"
                : change.endsWith(" 64")
                    ? "startId"
                    : change.substring(1, change.indexOf(':') - 1));
  }

  private static void change(Path checkpoint, String change) throws IOException {
    Path path = checkpoint.resolve("config.json");
    JsonObject config = JsonParser.parseString(Files.readString(path)).getAsJsonObject();
    JsonObject changed = JsonParser.parseString("{" + change + "}").getAsJsonObject();
    changed.asMap().forEach(config::add);
    Files.writeString(path, new GsonBuilder().serializeNulls().create().toJson(config));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"rope_parameters\": {\"rope_type\": \"default\", \"rope_theta\": 10000.0}",
        "\"rope_scaling\": null, \"head_dim\": 8, \"hidden_act\": \"silu\"",
        "\"model_type\": \"llama\", \"bos_token_id\": 2, \"torch_dtype\": \"float32\""
      })
  void whatMeansTheSameIsAccepted(String change) throws IOException {
    Path checkpoint = stored("llama_lm", Dtype.F32);
    change(checkpoint, change);
    ReferenceCheckpoint.load(checkpoint, Device.cpu()).close();
  }

  @Test
  void otherModelsAreNamed() throws IOException {
    Path checkpoint = stored("llama_lm", Dtype.F32);
    change(checkpoint, "\"model_type\": \"mistral\"");
    assertThatThrownBy(() -> ReferenceCheckpoint.load(checkpoint, Device.cpu()))
        .hasMessageContainingAll("mistral", "Hugging Face Llama", "community MEGABYTE");
  }

  @Test
  void tensorsMustFit() throws IOException {
    Path checkpoint = stored("llama_lm", Dtype.F32);
    change(checkpoint, "\"num_hidden_layers\": 1");
    assertFails(checkpoint, "no parameters of a Hugging Face Llama", "layers.1.mlp.up_proj");
    change(checkpoint, "\"num_hidden_layers\": 3");
    assertFails(checkpoint, "lacks the tensors", "model.layers.2.self_attn.q_proj.weight");
    // Memory for such a model would be taken only after its tensors were found.
    change(checkpoint, "\"num_hidden_layers\": 2, \"vocab_size\": 2000000000");
    assertFails(checkpoint, "has shape (64, 32)", "(2000000000, 32)");
    change(checkpoint, "\"vocab_size\": 64");
    Path file = checkpoint.resolve("model.safetensors");
    rewrite(file, writer -> writer.floats("extra.bias", new float[1], 1));
    assertFails(checkpoint, "[extra.bias]");
    Path bytes = stored("llama_lm", Dtype.F32).resolve("model.safetensors");
    rewrite(
        bytes, "model.norm.weight", writer -> writer.bytes("model.norm.weight", new byte[32], 32));
    assertFails(checkpoint, "model.norm.weight", "quantised");
  }

  private static void assertFails(Path checkpoint, String... parts) {
    assertThatThrownBy(() -> ReferenceCheckpoint.load(checkpoint, Device.cpu()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(parts);
  }

  private static void rewrite(Path path, Consumer<SafetensorsWriter> change) {
    rewrite(path, "", change);
  }

  /** Writes a file again, without one tensor and with a change. */
  private static void rewrite(Path path, String without, Consumer<SafetensorsWriter> change) {
    Safetensors file = Safetensors.open(path);
    SafetensorsWriter writer = new SafetensorsWriter();
    for (String name : file.names()) {
      if (!name.equals(without)) {
        writer.floats(name, file.floats(name), file.shape(name));
      }
    }
    change.accept(writer);
    writer.write(path);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"../outside.safetensors\"",
        "\"/etc/passwd\"",
        "\"sub/model.safetensors\"",
        "\"..\\\\outside.safetensors\"",
        "\"..\"",
        "\"\"",
        "\"a\\u0000.safetensors\"",
        "7",
        "null",
        "[\"model.safetensors\"]"
      })
  void anIndexStaysInItsFolder(String file) throws IOException {
    Path checkpoint = sharded();
    setFile(checkpoint, file);
    assertFails(checkpoint, "index.json", "lm_head.weight", "in the folder of the index");
  }

  private Path sharded() throws IOException {
    Path checkpoint = folder.resolve("sharded");
    try (SequenceModel model = model(llama().build())) {
      ReferenceCheckpoint.save(model, checkpoint, Dtype.F32, 4_000);
    }
    Files.writeString(folder.resolve("outside.safetensors"), "not to be read");
    return checkpoint;
  }

  private static void setFile(Path checkpoint, String file) throws IOException {
    Path path = checkpoint.resolve("model.safetensors.index.json");
    JsonObject index = JsonParser.parseString(Files.readString(path)).getAsJsonObject();
    index.getAsJsonObject("weight_map").add("lm_head.weight", JsonParser.parseString(file));
    Files.writeString(path, new GsonBuilder().serializeNulls().create().toJson(index));
  }

  @Test
  void indexAndFilesMustAgree() throws IOException {
    Path checkpoint = sharded();
    Path index = checkpoint.resolve("model.safetensors.index.json");
    String good = Files.readString(index);
    setFile(checkpoint, "\"model-00099-of-00099.safetensors\"");
    assertFails(checkpoint, "model-00099-of-00099.safetensors");
    Path last; // the head is in the first
    try (Stream<Path> files = Files.list(checkpoint)) {
      last =
          files
              .filter(path -> path.toString().endsWith(".safetensors"))
              .sorted()
              .reduce((a, b) -> b)
              .orElseThrow();
    }
    setFile(checkpoint, "\"" + last.getFileName() + "\"");
    assertFails(checkpoint, "model-00001", "does not place", "[lm_head.weight]");
    Files.writeString(index, good.replace("\"model.norm.weight\"", "\"model.gone.weight\""));
    assertFails(checkpoint, "the file lacks [model.gone.weight]");
    Files.writeString(index, good);
    rewrite(last, writer -> writer.floats("lm_head.weight", new float[11 * 16], 11, 16));
    assertFails(checkpoint, "does not place", "[lm_head.weight]"); // in two files
    Files.delete(last);
    assertFails(checkpoint, last.getFileName().toString());
    Files.writeString(
        index, "{\"weight_map\": {\"a\": \"x.safetensors\", \"a\": \"y.safetensors\"}}");
    assertFails(checkpoint, "\"a\" is given twice");
    Files.writeString(index, "{\"weight_map\": []}");
    assertFails(checkpoint, "weight_map");
    Files.writeString(index, "{\"weight_map\":" + "[".repeat(100_000));
    assertFails(checkpoint, "index.json");
    Files.delete(index);
    assertFails(checkpoint, "neither model.safetensors nor model.safetensors.index.json");
    Files.delete(checkpoint.resolve("config.json"));
    assertFails(checkpoint, "config.json is missing");
    assertFails(folder.resolve("nowhere"), "nowhere");
  }

  @Test
  void hostileConstructorArguments() throws IOException {
    Path checkpoint = stored("megabyte_2stage", Dtype.F32);
    change(checkpoint, "\"depth\": [2, 2000000000]");
    assertFails(checkpoint, "depth", "10000");
    change(checkpoint, "\"depth\": [2, \"x\"]");
    assertFails(checkpoint, "depth", "whole number");
    change(checkpoint, "\"depth\": [2, 2], \"unheard\": 1");
    assertFails(checkpoint, "unheard");
  }
}
