package org.megalab.plot;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import de.erichseifert.vectorgraphics2d.Processors;
import de.erichseifert.vectorgraphics2d.VectorGraphics2D;
import de.erichseifert.vectorgraphics2d.util.PageSize;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.knowm.xchart.XYChart;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.LongColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/**
 * What holds for every figure of the library, drawn from ordinary data, data with gaps, one point
 * and none, as PNG and SVG, light and dark.
 */
class FigureContractTest {

  /** What a figure is drawn from. */
  enum Data {
    ORDINARY(6),
    WITH_GAPS(6),
    ONE(1),
    MISSING(3),
    NONE(0);

    final int count;

    Data(int count) {
      this.count = count;
    }

    boolean isEmpty() {
      return this == NONE || this == MISSING;
    }

    /** A value that falls slowly from {@code first}. */
    double value(int i, double first) {
      double finite = first * (0.6 + 0.4 / (1 + i)) * (i % 2 == 0 ? 1 : 0.97);
      double gap = i == 3 ? Double.POSITIVE_INFINITY : Double.NaN;
      return this == MISSING || this == WITH_GAPS && i % 2 == 1 ? gap : finite;
    }

    double[] values(double first) {
      return IntStream.range(0, count).mapToDouble(i -> value(i, first)).toArray();
    }

    DoubleColumn column(String name, double first) {
      return DoubleColumn.create(name, values(first));
    }

    /** 2, 4, 8, … times a number. */
    LongColumn doubling(String name, long first) {
      return LongColumn.create(name, IntStream.range(0, count).mapToLong(i -> first << i));
    }

    StringColumn names(String name, String... names) {
      return StringColumn.create(
          name, IntStream.range(0, count).mapToObj(i -> names[i % names.length]).toList());
    }

    List<PublishedResult> published(String table) {
      return isEmpty() ? List.of() : PublishedResults.all().where("table", table).list();
    }

    /** Named tables; none where there is no data. */
    <T> Map<String, T> named(T first, T second) {
      Map<String, T> named = new LinkedHashMap<>();
      if (this != NONE) {
        named.put("megabyte", first);
        named.put("a model with a rather long name", second);
      }
      return named;
    }
  }

  private static final Map<String, Function<Data, XYChart>> FIGURES = figures();

  private static Map<String, Function<Data, XYChart>> figures() {
    Map<String, Function<Data, XYChart>> figures = new LinkedHashMap<>();
    for (LossCurve.X by : LossCurve.X.values()) {
      figures.put(
          "LossCurve.chart by " + by,
          data ->
              LossCurve.of(metrics(data)).by(by).reference("order 1", 3.49).smoothing(0.5).chart());
    }
    figures.put(
        "LossCurve.chart of two",
        data -> LossCurve.empty().run("one", metrics(data)).run("two", metrics(data)).chart());
    figures.put("Lines.chart", FigureContractTest::lines);
    figures.put("Bars.chart", FigureContractTest::bars);
    figures.put("HeatMap.chart", data -> heatMap(data).chart());
    figures.put("Intervals.chart", FigureContractTest::intervals);
    figures.put("SampleGrid.chart", FigureContractTest::samples);
    figures.put(
        "EvaluationFigures.context",
        data -> EvaluationFigures.context(data.named(curve(data), curve(data)), "perplexity"));
    figures.put(
        "EvaluationFigures.position",
        data -> EvaluationFigures.position(data.named(bins(data), bins(data))));
    figures.put(
        "EvaluationFigures.patch",
        data -> EvaluationFigures.patch(data.named(bins(data), bins(data))));
    figures.put("EvaluationFigures.cost", data -> EvaluationFigures.cost(speeds(data)));
    figures.put("EvaluationFigures.throughput", data -> EvaluationFigures.throughput(speeds(data)));
    figures.put(
        "EvaluationFigures.relativeThroughput",
        data ->
            EvaluationFigures.relativeThroughput(speeds(data), "megabyte", data.published("3.2")));
    figures.put(
        "EvaluationFigures.memory",
        data ->
            EvaluationFigures.memory(data.named(speeds(data), curve(data)), "context", "peak MiB"));
    figures.put(
        "EvaluationFigures.wordPerplexity",
        data ->
            EvaluationFigures.wordPerplexity(
                Table.create(data.names("document", "all"), data.column("word perplexity", 60)),
                data.published("4.3")));
    figures.put("StudyFigures.bitsPerByte", data -> StudyFigures.bitsPerByte(study(data)));
    figures.put(
        "StudyFigures.bitsPerByte with published numbers",
        data -> StudyFigures.bitsPerByte(study(data), data.published("2.6")).chart());
    figures.put(
        "StudyFigures.differences",
        data -> StudyFigures.differences(study(data), "difference", "low", "high"));
    figures.put("StudyFigures.sweep", data -> StudyFigures.sweep(study(data), "patchSize"));
    figures.put("StudyFigures.tradeOff", data -> StudyFigures.tradeOff(study(data), "FLOPs"));
    figures.put(
        "StudyFigures.grid", data -> StudyFigures.grid(study(data), "patchSize", "layers", "mean"));
    figures.put(
        "LayerFigures.impulseResponses",
        data -> LayerFigures.impulseResponses(data.named(data.values(1), data.values(-1))));
    figures.put(
        "LayerFigures.frequencyResponses",
        data ->
            LayerFigures.frequencyResponses(
                data == Data.WITH_GAPS
                    ? data.named(new double[] {1, 0.5}, data.values(1))
                    : data.named(data.values(1), data.values(-1))));
    figures.put(
        "LayerFigures.normStatistics",
        data -> LayerFigures.normStatistics(data.named(data.values(1), data.values(2)), "mean"));
    figures.put("LayerFigures.attention", FigureContractTest::attention);
    figures.put(
        "LayerFigures.gradientNorms",
        data -> {
          Table table =
              Table.create(
                  data.names("layer", "embedding", "layers.0", "layers.1", "layers.2", "norm"),
                  data.column("gradient norm", 1));
          return LayerFigures.gradientNorms(data.named(table, table));
        });
    return figures;
  }

  private static Table metrics(Data data) {
    return Table.create(
        data.doubling("step", 10),
        data.doubling("bytes", 1 << 13),
        data.column("seconds", 40),
        data.column("flops", 1e12),
        data.column("trainBpb", 4),
        data.column("validationBpb", 4.1));
  }

  private static Table curve(Data data) {
    return Table.create(
        data.doubling("context", 4096), data.column("perplexity", 5), data.column("peak MiB", 90));
  }

  private static Table bins(Data data) {
    return Table.create(
        data.doubling("from", 1),
        data.doubling("to", 2),
        data.column("bits per byte", 3),
        data.column("standard error", 0.2));
  }

  private static Table speeds(Data data) {
    return Table.create(
        data.names("model", "megabyte", "megalodon"),
        LongColumn.create(
            "length", IntStream.range(0, data.count).mapToLong(i -> i < 3 ? 32_768 : 4096)),
        data.doubling("context", 4096),
        data.column("bytes/s", 40_000),
        data.column("utilisation", 0.4),
        data.column("peak MiB", 700),
        data.column("forward FLOPs/byte", 1e6));
  }

  private static Table study(Data data) {
    return Table.create(
        data.names("arm", "P = 4", "P = 8", "P = 16", "an arm with a long name", "r", "base"),
        data.column("mean", 2.5),
        data.column("standard deviation", 0.1),
        data.column("difference", -0.1),
        data.column("low", -0.2),
        data.column("high", 0.05),
        data.column("FLOPs", 1e12),
        data.doubling("patchSize", 4),
        data.names("layers", "1", "2", "4"));
  }

  private static XYChart lines(Data data) {
    Lines lines = Lines.of("Lines").x("context").y("bits per byte").doublingX().marks();
    double[] at = data.doubling("", 1024).asDoubleArray();
    data.named(data.values(3), data.values(2)).forEach((name, y) -> lines.line(name, at, y));
    List<PublishedResult> published =
        data.isEmpty()
            ? List.of()
            : PublishedResults.all()
                .where("table", "1.1")
                .task("arXiv")
                .metric("bits per byte")
                .list();
    return lines.published("published", new double[published.size()], published).chart();
  }

  private static XYChart bars(Data data) {
    Bars bars = Bars.of("Bars").x("bytes/s").group("ours");
    for (double value : data.values(5)) {
      bars.bar("model", value).pale("another", value);
    }
    data.published("1.3").forEach(bars::published);
    data.published("1.6").forEach(bars::published);
    return bars.chart();
  }

  private static HeatMap heatMap(Data data) {
    HeatMap map = HeatMap.of("Cells").x("column").y("row").numbers();
    return data == Data.NONE ? map : map.panel("panel", new double[][] {data.values(1)});
  }

  private static XYChart intervals(Data data) {
    Intervals intervals = Intervals.of("Intervals").x("bits per byte").reference(2.2).group("ours");
    for (double value : data.values(3)) {
      intervals.value("spread", value, value - 0.1, value + 0.2).value("alone", value);
    }
    data.published("1.1").forEach(intervals::published);
    return intervals.chart();
  }

  private static XYChart samples(Data data) {
    List<@Nullable BufferedImage> images = new ArrayList<>();
    for (double value : data.values(1)) {
      BufferedImage image = new BufferedImage(28, 20, BufferedImage.TYPE_INT_RGB);
      image.setRGB(3, 3, Theme.LIGHT.color(0).getRGB());
      image.setRGB(4, 3, Theme.DARK.color(0).getRGB());
      images.add(Double.isFinite(value) ? image : null);
    }
    return SampleGrid.of("Samples").row("drawn", images).row("", images).chart();
  }

  private static XYChart attention(Data data) {
    int side = data == Data.MISSING ? 3 : data.count;
    float[] weights = new float[side * side];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = i % side <= i / side ? (float) data.value(i % side, 1) : 0;
      weights[i] = data == Data.MISSING ? Float.NaN : weights[i];
    }
    return LayerFigures.attention(data.named(weights, weights));
  }

  static Stream<Arguments> cases() {
    return FIGURES.keySet().stream()
        .flatMap(name -> Stream.of(Data.values()).map(data -> Arguments.of(name, data)));
  }

  private static XYChart draw(String name, Data data) {
    return Objects.requireNonNull(FIGURES.get(name)).apply(data);
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("cases")
  void isDrawn(String name, Data data) throws IOException {
    XYChart chart = draw(name, data);
    assertThat(chart.getTitle()).isNotEmpty();
    for (Theme theme : List.of(Theme.LIGHT, Theme.DARK)) {
      theme.of(chart);
      BufferedImage image = png(chart, chart.getWidth(), chart.getHeight());
      keep(image, name, data, theme);
      Set<Integer> colors = LossCurveTest.colors(image);
      assertThat(colors).as("not blank").hasSizeGreaterThan(10);
      assertThat(image.getRGB(1, 1) & 0xFFFFFF).as("plate").isEqualTo(rgb(theme.plate()));
      assertThat(colors).as("title").contains(rgb(theme.text()));
      assertThat(showsSeries(colors, theme)).as("data").isEqualTo(!data.isEmpty());
      Theme other = theme == Theme.LIGHT ? Theme.DARK : Theme.LIGHT;
      assertThat(colors).as("the other theme").doesNotContain(rgb(other.plate()));
      png(chart, 640, 360);
      png(chart, 1, 1);
      String svg = Figures.svg(chart);
      assertThat(svg).contains("<title>" + chart.getTitle() + "</title>");
      assertThat(shapes(svg).contains(NO_DATA)).as("says no data").isEqualTo(data.isEmpty());
    }
  }

  /** Whether a colour of series is there: full, or pale behind others. */
  private static boolean showsSeries(Set<Integer> colors, Theme theme) {
    return theme.palette().subList(0, 2).stream()
        .anyMatch(c -> colors.contains(rgb(c)) || colors.contains(rgb(theme.pale(c, 0.4))));
  }

  private static int rgb(Color color) {
    return color.getRGB() & 0xFFFFFF;
  }

  private static BufferedImage png(XYChart chart, int width, int height) throws IOException {
    byte[] png = Figures.png(chart, width, height);
    BufferedImage image = Objects.requireNonNull(ImageIO.read(new ByteArrayInputStream(png)));
    assertThat(image.getWidth()).isEqualTo(width);
    assertThat(image.getHeight()).isEqualTo(height);
    return image;
  }

  /** For looking at: a folder is named by a system property. */
  private static void keep(BufferedImage image, String name, Data data, Theme theme)
      throws IOException {
    String folder = System.getProperty("megalab.figures");
    if (folder != null) {
      Path file = Path.of(folder, name.replace(' ', '-') + "-" + data + "-" + theme + ".png");
      Files.createDirectories(Path.of(folder));
      ImageIO.write(image, "png", file.toFile());
    }
  }

  /** The commands of the outlines of a text, which do not depend on its place. */
  private static final String NO_DATA = Collections.max(shapes(outlines("no data")));

  private static String outlines(String text) {
    VectorGraphics2D graphics = new VectorGraphics2D();
    ThemedChart.write(graphics, text, 100, 100, 15, Color.BLACK, 0.5);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      Processors.get("svg")
          .getDocument(graphics.getCommands(), new PageSize(0, 0, 200, 200))
          .writeTo(out);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  /** The letters of each path. */
  private static Set<String> shapes(String svg) {
    Set<String> shapes = new TreeSet<>();
    Pattern.compile(" d=\"([^\"]*)\"")
        .matcher(svg)
        .results()
        .forEach(path -> shapes.add(path.group(1).replaceAll("[^A-Za-z]", "")));
    return shapes;
  }

  @Test
  void outlinesTellTextsApart() {
    assertThat(NO_DATA).hasSizeGreaterThan(50);
    assertThat(shapes(outlines("no date"))).doesNotContain(NO_DATA);
    assertThat(shapes(outlines("no data"))).contains(NO_DATA);
  }

  /** A figure that is added to the library belongs into this test. */
  @Test
  void everyFigureIsHere() {
    Set<String> drawn = new TreeSet<>();
    FIGURES.keySet().forEach(name -> drawn.add(name.split(" ", -1)[0]));
    Set<String> offered = new TreeSet<>();
    for (JavaClass type : new ClassFileImporter().importPackages("org.megalab.plot")) {
      if (type.getModifiers().contains(JavaModifier.PUBLIC)) {
        for (JavaMethod method : type.getMethods()) {
          if (method.getModifiers().contains(JavaModifier.PUBLIC)
              && method.getRawReturnType().isEquivalentTo(XYChart.class)) {
            offered.add(type.getSimpleName() + "." + method.getName());
          }
        }
      }
    }
    assertThat(drawn).containsAll(offered);
  }
}
