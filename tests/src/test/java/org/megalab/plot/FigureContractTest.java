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
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.knowm.xchart.XYChart;

/**
 * What holds for every figure of the library, drawn from ordinary data, data with gaps, one point
 * and none, as PNG and SVG, light and dark.
 */
class FigureContractTest {

  private static final Map<String, Function<FigureData, XYChart>> FIGURES = ExampleFigures.all();

  static Stream<Arguments> cases() {
    return FIGURES.keySet().stream()
        .flatMap(name -> Stream.of(FigureData.values()).map(data -> Arguments.of(name, data)));
  }

  private static XYChart draw(String name, FigureData data) {
    return Objects.requireNonNull(FIGURES.get(name)).apply(data);
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("cases")
  void isDrawn(String name, FigureData data) throws IOException {
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
  private static void keep(BufferedImage image, String name, FigureData data, Theme theme)
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

  /** A figure that is added to the library belongs into {@link ExampleFigures}. */
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
