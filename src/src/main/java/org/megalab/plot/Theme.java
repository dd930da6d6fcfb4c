package org.megalab.plot;

import java.awt.Color;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.knowm.xchart.internal.chartpart.Chart;

/**
 * The colours of figures on a light and on a dark page:
 *
 * <pre>{@code
 * Figures.save(Theme.DARK.of(LossCurve.of(run.metrics()).chart()), Path.of("loss.svg"))
 * }</pre>
 *
 * <p>The ten colours of series are those of Okabe and Ito, "Color Universal Design", 2008, and
 * three more, moved until any two of them are at least 20 apart in CIELAB for normal sight,
 * deuteranopia and protanopia (as Machado et al., 2009, simulate them), and each has a contrast of
 * at least 3 : 1 with the plate. Their yellow and the paleness of two others lack the contrast on a
 * light plate. Marks differ in shape as well.
 */
public final class Theme {
  /** Dark text on a light plate. */
  public static final Theme LIGHT =
      new Theme(
          "light",
          1,
          new int[] {0xFCFCFA, 0x2B2B2B, 0x6B6B6B, 0xE4E4E0, 0xBDBDB8},
          new int[] {
            0x04649F, // blue
            0xB04400, // vermillion
            0x078E63, // bluish green
            0xC777A4, // reddish purple
            0xCB8100, // orange
            0x1A99DF, // sky blue
            0x000000, // black
            0x872055, // wine
            0x92954C, // olive
            0x734828 // brown
          });

  /** Light text on a dark plate. */
  public static final Theme DARK =
      new Theme(
          "dark",
          0.7,
          new int[] {0x1E1F22, 0xE8E8E6, 0xABABA8, 0x36373B, 0x5E5F64},
          new int[] {
            0x398EE1, // blue
            0xDA6523, // vermillion
            0x38B789, // bluish green
            0xD78ABA, // reddish purple
            0xE7B121, // orange
            0x82D1FC, // sky blue
            0xE8E8E6, // white
            0xAD4D7D, // wine
            0xC6C55F, // olive
            0xA8784B // brown
          });

  private final String name;
  private final List<Color> surfaces;
  private final List<Color> palette;
  private final double lift;

  private Theme(String name, double lift, int[] surfaces, int[] palette) {
    this.name = name;
    this.lift = lift;
    this.surfaces = Arrays.stream(surfaces).mapToObj(Color::new).toList();
    this.palette = Arrays.stream(palette).mapToObj(Color::new).toList();
  }

  /** Gives a chart this theme, whatever theme it had, and returns it. */
  public <C extends Chart<?, ?>> C of(C chart) {
    if (chart instanceof ThemedChart themed) {
      themed.theme(this);
    } else {
      Style.apply(chart.getStyler());
      Style.colour(chart.getStyler(), this);
    }
    return chart;
  }

  /** The plate behind everything. */
  public Color plate() {
    return surfaces.get(0);
  }

  /** Titles and labels. */
  public Color text() {
    return surfaces.get(1);
  }

  /** Tick labels, and lines that are no data. */
  public Color muted() {
    return surfaces.get(2);
  }

  /** Lines behind the data, and cells without data. */
  public Color grid() {
    return surfaces.get(3);
  }

  /** Borders. */
  public Color frame() {
    return surfaces.get(4);
  }

  /** Colours of the first, second, … series. */
  public List<Color> palette() {
    return palette;
  }

  /** Colour of series i; after the last colour they start over. */
  public Color color(int i) {
    return palette.get(Math.floorMod(i, palette.size()));
  }

  /**
   * The colour mixed with the plate: strength 1 is the colour itself, 0 the plate. Between them a
   * dark plate takes more of the colour, which is as visible as less of it on a light one.
   */
  public Color pale(Color color, double strength) {
    double share = Math.pow(strength, lift);
    float[] mixed = new float[3];
    float[] from = plate().getRGBColorComponents(null);
    float[] to = color.getRGBColorComponents(null);
    IntStream.range(0, 3).forEach(i -> mixed[i] = (float) (share * to[i] + (1 - share) * from[i]));
    return new Color(mixed[0], mixed[1], mixed[2]);
  }

  @Override
  public String toString() {
    return name;
  }

  /** The contrast of two colours, from 1 to 21 (WCAG 2, relative luminance). */
  static double contrast(Color a, Color b) {
    double first = luminance(a) + 0.05;
    double second = luminance(b) + 0.05;
    return Math.max(first, second) / Math.min(first, second);
  }

  private static double luminance(Color color) {
    float[] c = color.getRGBColorComponents(null);
    return 0.2126 * linear(c[0]) + 0.7152 * linear(c[1]) + 0.0722 * linear(c[2]);
  }

  /** A component of sRGB as light. */
  static double linear(double component) {
    return component <= 0.04045 ? component / 12.92 : Math.pow((component + 0.055) / 1.055, 2.4);
  }
}
