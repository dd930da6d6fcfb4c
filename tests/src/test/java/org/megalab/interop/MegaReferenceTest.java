package org.megalab.interop;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.megalab.layer.AttentionFunction;
import org.megalab.layer.MegaAttention;
import org.megalab.layer.MegaSettings;
import org.megalab.layer.NormKind;
import org.megalab.layer.RelativeBias;

/** How recordings of settings that are not among the stored ones are read. */
class MegaReferenceTest {

  private static final int LENGTH = 12;

  /** Ours to theirs. */
  private static final Map<String, String> NAMES =
      Map.ofEntries(
          Map.entry("norm.weight", "norm.norm.weight"),
          Map.entry("ema.delta", "move.delta"),
          Map.entry("ema.alpha", "move.alpha"),
          Map.entry("ema.beta", "move.beta"),
          Map.entry("ema.gamma", "move.gamma"),
          Map.entry("ema.omega", "move.omega"),
          Map.entry("value.weight", "v_proj.weight"),
          Map.entry("value.bias", "v_proj.bias"),
          Map.entry("mix.weight", "mx_proj.weight"),
          Map.entry("mix.bias", "mx_proj.bias"),
          Map.entry("gamma", "gamma"),
          Map.entry("beta", "beta"),
          Map.entry("out.weight", "h_proj.weight"),
          Map.entry("out.bias", "h_proj.bias"),
          Map.entry("relative", "rel_pos_bias.rel_pos_bias"),
          Map.entry("relativeQuery", "rel_pos_bias.alpha"),
          Map.entry("relativeKey", "rel_pos_bias.beta"));

  @TempDir Path folder;

  /** Writes what a layer of ours does under the reference's names. */
  private Path recorded(MegaSettings settings, String config) {
    Path path = folder.resolve("recording.safetensors");
    try (NDManager manager = NDManager.newBaseManager()) {
      MegaAttention layer = new MegaAttention(settings);
      layer.initialize(manager, DataType.FLOAT32, new Shape(1));
      SafetensorsWriter writer =
          new SafetensorsWriter().metadata("module", "mega_attention").metadata("config", config);
      for (Map.Entry<String, Parameter> entry : layer.namedParameters().entrySet()) {
        NDArray array = entry.getValue().getArray();
        String name =
            settings.norm() == NormKind.SCALE && entry.getKey().equals("norm.weight")
                ? "norm.norm.scalar"
                : NAMES.get(entry.getKey());
        writer.floats("param." + name, array.toFloatArray(), array.getShape().getShape());
      }
      NDArray x = manager.randomNormal(new Shape(2, LENGTH, settings.modelDim()));
      NDArray y = layer.encode(new ParameterStore(manager, false), x, null, false);
      write(writer, "input.x", x);
      write(writer, "output.y", y);
      writer.write(path);
    }
    return path;
  }

  /** With time first. */
  private static void write(SafetensorsWriter writer, String name, NDArray array) {
    NDArray timeFirst = array.transpose(1, 0, 2);
    writer.floats(name, timeFirst.toFloatArray(), timeFirst.getShape().getShape());
  }

  private void passes(MegaSettings settings, String config) {
    Parity.Result result = Parity.compare(recorded(settings, config), Device.cpu());
    assertThat(result.passed()).as(result.toString()).isTrue();
  }

  private static MegaSettings.Builder settings() {
    return MegaSettings.builder(5, 6, 7, 3).optInitStd(0.4);
  }

  @Test
  void everyKeyCounts() {
    passes(
        settings()
            .optFunction(AttentionFunction.LAPLACE)
            .optRelativeBias(RelativeBias.ROTARY)
            .optChunkSize(4)
            .optNorm(NormKind.SCALE, false, 1e-5)
            .build(),
        """
        {"embed_dim": 5, "zdim": 6, "hdim": 7, "ndim": 3, "attention_activation": "laplace",
         "rel_pos_bias": "rotary", "chunk_size": 4, "norm": "scalenorm", "prenorm": false}""");
    passes(
        settings()
            .optFunction(AttentionFunction.RELU_SQUARED)
            .optPositions(20)
            .optNorm(NormKind.RMS, true, 1e-5)
            .optBidirectional(true)
            .build(),
        """
        {"embed_dim": 5, "zdim": 6, "hdim": 7, "ndim": 3, "attention_activation": "relu2",
         "rel_pos_bias": "simple", "max_positions": 20, "chunk_size": -1, "norm_type": "rmsnorm",
         "bidirectional": true, "truncation": null}""");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"zdim\": 6, \"attention_activation\": \"linear\"",
        "\"zdim\": 6, \"rel_pos_bias\": \"alibi\"",
        "\"zdim\": 6, \"norm\": \"groupnorm\"",
        "\"zdim\": 6, \"truncation\": 8",
        "\"zdim\": 6, \"heads\": 2",
        "\"ndims\": 3"
      })
  void whatHasNoCounterpartIsRefused(String keys) {
    Path path =
        recorded(settings().build(), "{\"embed_dim\": 5, \"hdim\": 7, \"ndim\": 3, " + keys + "}");
    Parity.Result result = Parity.compare(path, Device.cpu());
    assertThat(result.passed()).isFalse();
    assertThat(result.problem()).containsPattern("allowed are|no counterpart|lacks \"zdim\"");
  }
}
