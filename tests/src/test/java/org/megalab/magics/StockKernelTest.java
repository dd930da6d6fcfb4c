package org.megalab.magics;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.github.spencerpark.jupyter.kernel.BaseKernel;
import io.github.spencerpark.jupyter.kernel.LanguageInfo;
import io.github.spencerpark.jupyter.kernel.display.DisplayData;
import io.github.spencerpark.jupyter.kernel.magic.registry.Magics;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.knowm.xchart.XYChart;
import org.megalab.data.Corpus;
import org.megalab.data.Numbers;
import org.megalab.generate.Pictures;
import org.megalab.generate.Sound;
import org.megalab.model.SequenceModel;
import org.megalab.plot.LossCurve;
import org.megalab.train.Run;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.LongColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/** The magics on a kernel that knows nothing of them, such as a stock IJava. */
class StockKernelTest extends MagicsFixture {

  /** Without {@code evalRaw}, with {@code getMagics}. */
  public static class MagicsOnly extends BaseKernel {
    private final Magics magics = new Magics();

    public Magics getMagics() {
      return magics;
    }

    @Override
    public DisplayData eval(String code) {
      return DisplayData.EMPTY;
    }

    @Override
    public LanguageInfo getLanguageInfo() {
      return new LanguageInfo.Builder("Java").build();
    }
  }

  /** Without either. */
  private static final class Bare extends BaseKernel {
    @Override
    public DisplayData eval(String code) {
      return DisplayData.EMPTY;
    }

    @Override
    public LanguageInfo getLanguageInfo() {
      return new LanguageInfo.Builder("Java").build();
    }
  }

  @Test
  void magicsNeedNothingOfOurOwnKernel() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.megalab.kernel..", "org.megalab.notebook..", "org.megalab.cli..")
        .check(
            new ClassFileImporter()
                .importPath(
                    Path.of(
                        System.getProperty("megalab.root"),
                        "magics/target/classes/org/megalab/magics")));
  }

  @Test
  void magicsDefineVariablesThatCellsUseAndSeeVariablesThatCellsDefine() throws Exception {
    assertThat(kernel.evalRaw("model.config().contextLength()")).isEqualTo(32);
    assertThat(kernel.evalRaw("corpus.train().documents().size()")).isEqualTo(1);
    kernel.evalRaw("var renamed = corpus;");
    line("evaluate", "--data", "renamed");
    assertThat(last("text/html")).contains(">bits per byte</caption>");
  }

  @Test
  void cellsKnowTheLibrarysNames() throws Exception {
    assertThat(kernel.evalRaw("MegabyteConfig.preset(\"tiny\").patchSize()")).isEqualTo(4);
    assertThat(kernel.evalRaw("Table.create(\"t\").name()")).isEqualTo("t");
  }

  @Test
  void tablesAreHtmlAndText() {
    Table table =
        Table.create(
            "a <b> & c",
            StringColumn.create("name", "x<y", "z"),
            LongColumn.create("count", 1234567, 2),
            DoubleColumn.create("share", 0.5, Double.NaN),
            DoubleColumn.create("cost", 2.25, 1.0 / 3),
            DoubleColumn.create("tiny", 1e-5, 0));
    DisplayData data = kernel.getRenderer().render(table);
    assertThat(as(data, "text/html"))
        .contains(
            "a &lt;b&gt; &amp; c",
            "x&lt;y",
            ">1,234,567<",
            ">0.5<",
            ">2.2500<",
            ">0.3333<",
            ">1.000e-05<")
        .contains("<th style='text-align:left'>name<", "<th style='text-align:right'>count<")
        .doesNotContain("NaN", "x<y");
    assertThat(as(data, "text/plain")).contains("x<y");
  }

  @Test
  void longTablesAreCutInTheMiddle() {
    LongColumn numbers = LongColumn.create("n");
    for (int i = 0; i < 1000; i++) {
      numbers.append(i);
    }
    String html = as(kernel.getRenderer().render(Table.create("long", numbers)), "text/html");
    assertThat(html).contains(">0<", ">14<", "… 970 rows …", ">985<", ">999<");
    assertThat(html).doesNotContain(">15<", ">984<");
    assertThat(html.split("<tr>", -1)).hasSize(1 + 1 + 31);
  }

  @Test
  void picturesArePngAndSoundsPlayers() throws Exception {
    byte[] raster = {(byte) 255, 0, 0, 0, (byte) 255, 0, 0, 0, (byte) 255, 9, 9, 9};
    DisplayData picture = kernel.getRenderer().render(Pictures.image(raster, 2));
    byte[] png = Base64.getMimeDecoder().decode(as(picture, "image/png"));
    BufferedImage decoded = ImageIO.read(new ByteArrayInputStream(png));
    assertThat(Pictures.raster(decoded)).isEqualTo(raster);
    assertThat(as(picture, "text/plain")).isEqualTo("picture of 2 x 2");

    Sound sound = new Sound(new byte[] {0, -1, 5, 127}, Numbers.Format.MU_LAW, 8000);
    DisplayData player = kernel.getRenderer().render(sound);
    String wav = Base64.getEncoder().encodeToString(sound.pcm16().wav());
    assertThat(as(player, "text/html"))
        .isEqualTo("<audio controls src='data:audio/wav;base64," + wav + "'></audio>");
    assertThat(as(player, "text/plain")).isEqualTo("sound of 0.00 s at 8000 Hz");
  }

  @Test
  void chartsArePngAndSvgOnRequest(@TempDir Path runs) throws Exception {
    line("train", "--steps", "2", "--batch-size", "2", "--run", runs.resolve("a").toString());
    XYChart chart = LossCurve.of(variable("run", Run.class).metrics()).chart();
    byte[] png = Base64.getDecoder().decode(as(kernel.getRenderer().render(chart), "image/png"));
    assertThat(new String(png, 1, 3, StandardCharsets.US_ASCII)).isEqualTo("PNG");
    BufferedImage image = ImageIO.read(new ByteArrayInputStream(png));
    assertThat(image.getWidth()).isEqualTo(chart.getWidth());
    DisplayData svg = kernel.getRenderer().renderAs(chart, "image/svg+xml");
    assertThat(as(svg, "image/svg+xml")).startsWith("<svg").doesNotContain("<?xml", "<!DOCTYPE");
    assertThat(as(svg, "image/png")).isEmpty();
  }

  @Test
  void modelConfigRunAndCorpusAreShown(@TempDir Path runs) throws Exception {
    SequenceModel model = model();
    assertThat(as(kernel.getRenderer().render(model), "text/html"))
        .contains("megabyte", "parameters", "context 32");
    assertThat(as(kernel.getRenderer().render(model), "text/plain")).contains("megabyte");
    assertThat(as(kernel.getRenderer().render(model.config()), "text/plain"))
        .contains("\"contextLength\": 32");
    line("train", "--steps", "2", "--batch-size", "2", "--run", runs.resolve("b").toString());
    Run run = variable("run", Run.class);
    assertThat(as(kernel.getRenderer().render(run), "text/html")).contains("2 of 2", "megabyte");
    Corpus corpus = corpus();
    assertThat(as(kernel.getRenderer().render(corpus), "text/html"))
        .contains("train", "validation", "test", "corpus text");
  }

  @Test
  void aKernelWithoutEvalRawSeesWhatMagicsDefined(@TempDir Path data) throws Exception {
    MagicsOnly other = new MagicsOnly();
    Megalab.install(other);
    Magics magics = other.getMagics();
    Corpus corpus = magics.applyLineMagic("dataset", List.of(text(data).toString()));
    assertThat(corpus.train().documents()).hasSize(1);
    assertThatThrownBy(() -> magics.applyLineMagic("evaluate", List.of()))
        .hasMessageContaining("there is no variable \"model\"");
    try (SequenceModel model =
        magics.applyCellMagic("model", List.of("megabyte", "--preset", "tiny"), TINY)) {
      Run run =
          magics.applyLineMagic(
              "train",
              List.of("--steps", "2", "--batch-size", "2", "--run", data.resolve("r").toString()));
      assertThat(run.model()).isEqualTo(model.config());
    }
  }

  @Test
  void aKernelWithoutMagicsIsRefused() {
    assertThatThrownBy(() -> Megalab.install(new Bare()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Bare has no public method getMagics()");
  }
}
