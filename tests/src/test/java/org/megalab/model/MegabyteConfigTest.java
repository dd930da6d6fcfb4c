package org.megalab.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.megalab.json.ConfigException;
import org.megalab.json.RecordJson;
import org.megalab.model.MegabyteConfig.Position;

class MegabyteConfigTest {

  /**
   * The paper's tables: widths, depths, patches, contexts, and the nominal millions of both models.
   */
  @ParameterizedTest
  @CsvSource({
    // name, context, patch, D_g, L_g, millions, D_l, L_l, millions
    "text,      8192,    8,   2048, 14, 758,  1024, 18, 262",
    "pg19-350m, 8192,    8,   1024, 24, 350,  1024, 20, 290",
    "pg19-760m, 8192,    8,   1536, 24, 760,  1024, 18, 262",
    "pg19-1.3b, 8192,    8,   2048, 24, 1300, 1024, 15, 218",
    "pg19-8k,   8192,    8,   2048, 24, 1300, 1024, 24, 350",
    "pg19-16k,  16384,   8,   2048, 24, 1300, 1024, 24, 350",
    "image256,  196608,  192, 768,  12, 125,  768,  12, 125",
    "image640,  1228800, 192, 768,  12, 125,  768,  8,  83",
    "audio,     524288,  32,  1024, 24, 350,  768,  12, 125",
    "text-no-cross-patch,     8192,   8,   2048, 17, 921, 1024, 24, 350",
    "text-cnn-encoder,        8192,   8,   2048, 13, 704, 1024, 18, 262",
    "image256-patch48,        196608, 48,  768,  12, 125, 768,  11, 114",
    "image256-patch768,       196608, 768, 768,  12, 125, 768,  8,  83",
    "image256-no-cross-patch, 196608, 192, 768,  24, 250, 768,  15, 156",
    "image256-cnn-encoder,    196608, 192, 768,  12, 125, 768,  12, 125",
    "audio-no-cross-patch,    524288, 32,  1024, 24, 350, 768,  14, 146",
    "audio-cnn-encoder,       524288, 32,  1024, 24, 350, 768,  12, 125",
  })
  void presetsAreThoseOfThePaper(
      String name,
      int context,
      int patch,
      int globalDim,
      int globalLayers,
      double globalMillions,
      int localDim,
      int localLayers,
      double localMillions) {
    MegabyteConfig config = MegabyteConfig.preset(name);
    assertThat(config.contextLength()).isEqualTo(context);
    assertThat(config.patchSize()).isEqualTo(patch);
    assertThat(config.initStd()).isEqualTo(0.006);
    assertThat(config.dropout()).isEqualTo(0.1);
    checkSize(config.global(), globalDim, globalLayers, globalMillions);
    checkSize(config.local(), localDim, localLayers, localMillions);
    boolean reaches = !name.endsWith("no-cross-patch");
    assertThat(config.crossPatch()).isEqualTo(reaches ? patch : 0);
    assertThat(config.localPosition()).isEqualTo(reaches ? Position.ROTARY : Position.NONE);
    assertThat(config.convolutionalEncoder())
        .isEqualTo(name.endsWith("cnn-encoder") ? List.of(3, 5, 7) : List.of());
    checkCount(config);
  }

  /** The ablations that leave a model out: the sizes of the other one, and nothing of it. */
  @ParameterizedTest
  @CsvSource({
    // name, context, patch, global model?, D, L, width of the local embedding
    "text-no-local,      8192,   4,   true,  2560, 20, 1024",
    "image256-no-local,  196608, 48,  true,  4128, 32, 768",
    "audio-no-local,     524288, 32,  true,  4096, 32, 768",
    "text-no-global,     8192,   8,   false, 1024, 24, 1024",
    "image256-no-global, 196608, 192, false, 768,  12, 768",
    "audio-no-global,    524288, 32,  false, 768,  12, 768",
  })
  void ablationsLeaveAModelOut(
      String name, int context, int patch, boolean global, int dim, int layers, int localDim) {
    MegabyteConfig config = MegabyteConfig.preset(name);
    assertThat(config.contextLength()).isEqualTo(context);
    assertThat(config.patchSize()).isEqualTo(patch);
    assertThat(config.globalModel()).isEqualTo(global);
    assertThat(config.localModel()).isEqualTo(!global);
    assertThat(config.crossPatch()).isEqualTo(global ? 0 : patch);
    TransformerSize left = global ? config.global() : config.local();
    assertThat(left.modelDim()).isEqualTo(dim);
    assertThat(left.layers()).isEqualTo(layers);
    long slot = dim / patch;
    long tables =
        global
            ? (256L + context + patch + localDim) * slot + 256L * localDim // and W_GL
            : 257L * localDim; // and the pad
    assertThat(config.parameterCount()).isEqualTo(tables + transformer(left));
  }

  /**
   * The paper's widths are no multiple of a patch of 12: the nearest that patch and heads divide.
   */
  @ParameterizedTest
  @CsvSource({"image64, 2048, 2016, 24, 2048, 24", "image64-best, 2560, 2592, 32, 1024, 24"})
  void imagePresetsRoundTheWidth(
      String name, int paper, int ours, int layers, int localDim, int localLayers) {
    MegabyteConfig config = MegabyteConfig.preset(name);
    assertThat(config.patchSize()).isEqualTo(12);
    assertThat(config.contextLength()).isEqualTo(12288);
    assertThat(config.global().modelDim())
        .isEqualTo(ours)
        .isCloseTo(paper, org.assertj.core.api.Assertions.withinPercentage(2));
    assertThat(config.global().layers()).isEqualTo(layers);
    assertThat(config.local().modelDim()).isEqualTo(localDim);
    assertThat(config.local().layers()).isEqualTo(localLayers);
    checkCount(config);
  }

  private static void checkSize(TransformerSize size, int dim, int layers, double nominalMillions) {
    assertThat(size.modelDim()).isEqualTo(dim);
    assertThat(size.layers()).isEqualTo(layers);
    // The nominal figures are the standard sizes', scaled by their layers.
    double[][] standard = {{768, 12, 125}, {1024, 24, 350}, {1536, 24, 760}, {2048, 24, 1300}};
    double[] of = Arrays.stream(standard).filter(s -> s[0] == dim).findFirst().orElseThrow();
    assertThat(of[2] * layers / of[1])
        .isCloseTo(nominalMillions, org.assertj.core.api.Assertions.within(2.0));
  }

  /** 12 L D² + 13 L D + 2 D a Transformer, and the tables, counted without allocating anything. */
  private static void checkCount(MegabyteConfig c) {
    long globalDim = c.globalByteDim();
    long localDim = c.local().modelDim();
    long tables =
        256 * globalDim
            + c.contextLength() * globalDim
            + c.patchSize() * globalDim
            + localDim * globalDim
            + 256 * localDim
            + localDim
            + c.convolutionalEncoder().stream()
                .mapToLong(width -> (width * globalDim + 1) * globalDim)
                .sum();
    assertThat(c.parameterCount())
        .isEqualTo(tables + transformer(c.global()) + transformer(c.local()));
    double cores =
        12.0 * c.global().layers() * c.global().modelDim() * c.global().modelDim()
            + 12L * c.local().layers() * localDim * localDim;
    assertThat((double) (c.parameterCount() - tables))
        .isCloseTo(cores, org.assertj.core.api.Assertions.withinPercentage(0.5));
  }

  private static long transformer(TransformerSize s) {
    long d = s.modelDim();
    return s.layers() * (12 * d * d + 13 * d) + 2 * d;
  }

  @Test
  void countIsWhatIsAllocated() {
    for (String name : new String[] {"tiny", "small"}) {
      MegabyteConfig config = MegabyteConfig.preset(name);
      try (SequenceModel model = config.newModel().initialize(Device.cpu(), 1)) {
        long allocated =
            model.namedParameters().values().stream().mapToLong(p -> p.getArray().size()).sum();
        assertThat(allocated).isEqualTo(config.parameterCount()).isEqualTo(model.parameterCount());
      }
    }
    assertThat(MultiStageMegabyteConfig.preset("enwik8").contextLength()).isEqualTo(8192);
    assertThat(MultiStageMegabyteConfig.preset("tiny").parameterCount()).isPositive();
  }

  @Test
  void everyComponentIsAKey() {
    var components = new TreeSet<String>();
    Arrays.stream(MegabyteConfig.class.getRecordComponents())
        .forEach(c -> components.add(c.getName()));
    assertThat(RecordJson.tree(MegabyteConfig.preset("tiny")).keySet())
        .containsExactlyInAnyOrderElementsOf(components);
    for (String name : MegabyteConfig.presetNames()) {
      MegabyteConfig preset = MegabyteConfig.preset(name);
      assertThat(preset.toBuilder().build()).isEqualTo(preset);
      assertThat(ModelConfig.fromJson(preset.toJson())).isEqualTo(preset);
    }
    assertThat(ModelConfig.presets())
        .containsKeys("megabyte", "megabyte-hierarchical", "megabyte-multistage");
  }

  @Test
  void keysOverAPresetMergeIntoIt() {
    ModelConfig config =
        ModelConfig.fromJson(
            "{\"architecture\": \"megabyte\", \"preset\": \"tiny\", \"patchSize\": 8, \"global\": {\"layers\": 3}, \"localPosition\": \"rotary\"}");
    MegabyteConfig tiny = MegabyteConfig.preset("tiny");
    assertThat(config)
        .isEqualTo(
            tiny.toBuilder()
                .setPatchSize(8)
                .setGlobal(TransformerSize.of(tiny.global().modelDim(), 3, tiny.global().heads()))
                .optLocalPosition(MegabyteConfig.Position.ROTARY)
                .build());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"preset\": \"tiny\", \"patchSize\": 3} | patchSize = 3 does not divide contextLength = 256; take contextLength = 255",
        "{\"preset\": \"tiny\", \"patchSize\": 256} | patchSize = 256 does not divide global.modelDim = 128",
        "{\"preset\": \"tiny\", \"patchsize\": 8} | did you mean \"patchSize\"",
        "{\"preset\": \"tiny\", \"global\": {\"heads\": 3}} | in \"global\": heads = 3 does not divide modelDim = 128",
        "{\"preset\": \"tiny\", \"global\": 5} | global must be an object",
        "{\"preset\": \"tiny\", \"patchSize\": 2.5} | patchSize must be a whole number",
        "{\"preset\": \"tiny\", \"patchSize\": \"8\"} | patchSize must be of type int",
        "{\"preset\": \"tiny\", \"patchSize\": 8, \"patchSize\": 4} | \"patchSize\" is given twice",
        "{\"preset\": \"tiny\", \"globalPosition\": \"sine\"} | globalPosition got \"sine\"; allowed are none, learned, rotary",
        "{\"preset\": \"tiny\", \"contextLength\": -4} | contextLength must be positive, got -4",
        "{\"preset\": \"tiny\", \"dropout\": 1} | dropout must be at least 0 and below 1",
        "{\"preset\": \"tiny\", \"crossPatch\": 5} | crossPatch reaches into one patch, 0 to patchSize = 4, got 5",
        "{\"preset\": \"tiny\", \"crossPatch\": -1} | 0 to patchSize = 4, got -1",
        "{\"preset\": \"tiny\", \"crossPatch\": 2} | crossPatch = 2 needs localPosition = rotary, which tells the patches apart, got localPosition = none",
        "{\"preset\": \"tiny\", \"convolutionalEncoder\": [3, 1]} | widths of at least 2, got [3, 1]",
        "{\"preset\": \"tiny\", \"globalModel\": false, \"convolutionalEncoder\": [3]} | convolutionalEncoder = [3] encodes bytes for the global model, and globalModel = false",
        "{\"preset\": \"tiny\", \"globalModel\": false, \"localModel\": false} | globalModel = false and localModel = false leave no model",
        "{\"preset\": \"text\", \"localModel\": false} | crossPatch = 8 is a reach of the local model, and localModel = false",
        "{\"preset\": \"tiny\", \"localModel\": false, \"localFirstInput\": \"previous_byte\"} | localFirstInput = previous_byte is an input of the local model, and localModel = false",
        "{\"preset\": \"huge\"} | there is no MEGABYTE preset \"huge\"; allowed are tiny, small",
        "{\"preset\": \"\"} | there is no MEGABYTE preset",
        "{\"patchSize\": 4} | missing: contextLength global local",
        "{\"preset\": \"tiny\", | malformed JSON",
        "{\"preset\": \"tiny\"} x | malformed JSON",
        "[1] | expected a JSON object",
      })
  void wrongTextIsNamed(String json, String message) {
    String text =
        json.startsWith("{") ? "{\"architecture\": \"megabyte\", " + json.substring(1) : json;
    assertThatThrownBy(() -> ModelConfig.fromJson(text))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(message);
  }

  @Test
  void wrongArchitecturesAreNamed() {
    assertThatThrownBy(() -> ModelConfig.fromJson("{}"))
        .hasMessageContaining("\"architecture\" is missing")
        .hasMessageContaining("megabyte-multistage");
    assertThatThrownBy(() -> ModelConfig.fromJson("{\"architecture\": \"gpt\"}"))
        .hasMessageContaining("unknown architecture \"gpt\"");
    assertThatThrownBy(
            () ->
                ModelConfig.fromJson(
                    "{\"architecture\": \"megabyte-multistage\", \"preset\": \"tiny\", \"depths\": [1]}"))
        .hasMessageContaining("one entry a stage");
    assertThatThrownBy(
            () ->
                ModelConfig.fromJson(
                    "{\"architecture\": \"megabyte-multistage\", \"preset\": \"tiny\", \"stageLengths\": [99999, 99999]}"))
        .hasMessageContaining("more than 2^31");
    assertThatThrownBy(
            () ->
                ModelConfig.fromJson(
                    "{\"architecture\": \"megabyte-multistage\", \"preset\": \"tiny\", \"padId\": 256}"))
        .hasMessageContaining("padId");
  }
}
