package org.megalab.plot;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.util.List;
import java.util.Locale;
import org.knowm.xchart.style.AxesChartStyler;
import org.knowm.xchart.style.Styler;

/**
 * The one style of all figures: dark text on a light plate of its own, so that a figure reads the
 * same on a light and on a dark page, and colours that the colour-blind can tell apart.
 *
 * <p>The colours are those of Okabe and Ito, "Color Universal Design", 2008, in an order that keeps
 * neighbours far apart; their yellow, too pale for lines on a light plate, is left out. Three
 * darker ones follow for figures of more than seven lines.
 */
public final class Style {
  static {
    if (System.getProperty("java.awt.headless") == null) {
      System.setProperty(
          "java.awt.headless", "true"); // figures are drawn into memory, never into a window
    }
  }

  /** Colours of the first, second, … series. */
  public static final List<Color> PALETTE =
      List.of(
          new Color(0x0072B2), // blue
          new Color(0xD55E00), // vermillion
          new Color(0x009E73), // bluish green
          new Color(0xCC79A7), // reddish purple
          new Color(0xE69F00), // orange
          new Color(0x56B4E9), // sky blue
          new Color(0x000000), // black
          new Color(0x882255), // wine
          new Color(0x999933), // olive
          new Color(0x8A5A2B)); // brown

  /** The plate behind everything. */
  public static final Color PLATE = new Color(0xFCFCFA);

  /** Titles and labels. */
  public static final Color TEXT = new Color(0x2B2B2B);

  /** Tick labels, and lines that are no data. */
  public static final Color MUTED = new Color(0x6B6B6B);

  /** Lines behind the data, and cells without data. */
  static final Color GRID = new Color(0xE4E4E0);

  /** Borders. */
  static final Color FRAME = new Color(0xBDBDB8);

  private Style() {}

  /** Colour of series i; after the last colour they start over. */
  public static Color color(int i) {
    return PALETTE.get(Math.floorMod(i, PALETTE.size()));
  }

  /** The colour mixed with the plate: strength 1 is the colour itself, 0 the plate. */
  public static Color pale(Color color, double strength) {
    return new Color(
        mix(color.getRed(), PLATE.getRed(), strength),
        mix(color.getGreen(), PLATE.getGreen(), strength),
        mix(color.getBlue(), PLATE.getBlue(), strength));
  }

  /** The font of labels at a size in points; bold for titles. */
  public static Font font(int size, boolean bold) {
    return new Font(Font.SANS_SERIF, bold ? Font.BOLD : Font.PLAIN, size);
  }

  /** Gives a chart this style. */
  public static void apply(Styler styler) {
    styler.setLocale(Locale.ENGLISH);
    styler.setBaseFont(font(12, false));
    styler.setChartBackgroundColor(PLATE);
    styler.setPlotBackgroundColor(PLATE);
    styler.setChartFontColor(TEXT);
    styler.setChartTitleFont(font(15, true));
    styler.setChartTitleBoxVisible(false);
    styler.setChartTitlePadding(8);
    styler.setChartPadding(14);
    styler.setPlotBorderVisible(false);
    styler.setPlotContentSize(1);
    styler.setSeriesColors(PALETTE.toArray(Color[]::new));
    styler.setLegendPosition(Styler.LegendPosition.OutsideS);
    styler.setLegendLayout(Styler.LegendLayout.Horizontal);
    styler.setLegendBackgroundColor(PLATE);
    styler.setLegendBorderColor(PLATE);
    styler.setLegendFont(font(12, false));
    styler.setLegendSeriesLineLength(22);
    styler.setLegendPadding(6);
    styler.setMarkerSize(7);
    styler.setAntiAlias(true);
    if (styler instanceof AxesChartStyler axes) {
      applyAxes(axes);
    }
  }

  private static void applyAxes(AxesChartStyler axes) {
    axes.setAxisTitleFont(font(13, false));
    axes.setXAxisTitleColor(TEXT);
    axes.setYAxisTitleColor(TEXT);
    axes.setAxisTickLabelsFont(font(12, false));
    axes.setAxisTickLabelsColor(MUTED);
    axes.setAxisTickMarksColor(FRAME);
    axes.setAxisTickMarkLength(4);
    axes.setAxisTickPadding(5);
    axes.setAxisTitlePadding(10);
    axes.setPlotMargin(0);
    axes.setPlotGridLinesColor(GRID);
    axes.setPlotGridLinesStroke(new BasicStroke(1));
    axes.setPlotGridVerticalLinesVisible(false);
    axes.setXAxisTickMarkSpacingHint(90);
    axes.setYAxisTickMarkSpacingHint(50);
  }

  private static int mix(int a, int b, double strength) {
    return (int) Math.round(strength * a + (1 - strength) * b);
  }
}
