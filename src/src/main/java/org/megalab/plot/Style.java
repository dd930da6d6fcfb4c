package org.megalab.plot;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.util.Locale;
import org.knowm.xchart.style.AxesChartStyler;
import org.knowm.xchart.style.Styler;

/**
 * The one style of all figures: fonts, lines and room. Their colours are those of a {@link Theme},
 * on a plate of their own.
 */
public final class Style {
  static {
    if (System.getProperty("java.awt.headless") == null) {
      System.setProperty(
          "java.awt.headless", "true"); // figures are drawn into memory, never into a window
    }
  }

  private Style() {}

  /** The font of labels at a size in points; bold for titles. */
  public static Font font(int size, boolean bold) {
    return new Font(Font.SANS_SERIF, bold ? Font.BOLD : Font.PLAIN, size);
  }

  /** Gives a chart this style in the light theme. */
  public static void apply(Styler styler) {
    styler.setLocale(Locale.ENGLISH);
    styler.setBaseFont(font(12, false));
    styler.setChartTitleFont(font(15, true));
    styler.setChartTitleBoxVisible(false);
    styler.setChartTitlePadding(8);
    styler.setChartPadding(14);
    styler.setPlotBorderVisible(false);
    styler.setPlotContentSize(1);
    styler.setLegendPosition(Styler.LegendPosition.OutsideS);
    styler.setLegendLayout(Styler.LegendLayout.Horizontal);
    styler.setLegendFont(font(12, false));
    styler.setLegendSeriesLineLength(22);
    styler.setLegendPadding(9);
    styler.setMarkerSize(8);
    styler.setAntiAlias(true);
    if (styler instanceof AxesChartStyler axes) {
      applyAxes(axes);
    }
    colour(styler, Theme.LIGHT);
  }

  private static void applyAxes(AxesChartStyler axes) {
    axes.setAxisTitleFont(font(13, false));
    axes.setAxisTickLabelsFont(font(12, false));
    axes.setAxisTickMarkLength(4);
    axes.setAxisTickPadding(5);
    axes.setAxisTitlePadding(10);
    axes.setPlotMargin(0);
    axes.setPlotGridLinesStroke(new BasicStroke(1));
    axes.setPlotGridVerticalLinesVisible(false);
    axes.setXAxisTickMarkSpacingHint(90);
    axes.setYAxisTickMarkSpacingHint(50);
  }

  /** Gives a chart the colours of a theme. */
  static void colour(Styler styler, Theme theme) {
    styler.setChartBackgroundColor(theme.plate());
    styler.setPlotBackgroundColor(theme.plate());
    styler.setChartFontColor(theme.text());
    styler.setSeriesColors(theme.palette().toArray(Color[]::new));
    styler.setLegendBackgroundColor(theme.plate());
    styler.setLegendBorderColor(theme.plate());
    if (styler instanceof AxesChartStyler axes) {
      axes.setXAxisTitleColor(theme.text());
      axes.setYAxisTitleColor(theme.text());
      axes.setAxisTickLabelsColor(theme.muted());
      axes.setAxisTickMarksColor(theme.frame());
      axes.setPlotGridLinesColor(theme.grid());
    }
  }
}
