package org.megalab.plot;

import java.awt.Graphics2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.knowm.xchart.XYChart;

/**
 * Pictures in rows with names, such as samples of a model in the course of training:
 *
 * <pre>{@code
 * SampleGrid.of("Samples").row("data", photos).row("after 100 steps", samples).chart()
 * }</pre>
 *
 * <p>Small pictures are shown larger, each pixel as a square. A picture that is missing leaves a
 * grey place. A figure without any picture says so.
 */
public final class SampleGrid {

  private final String title;
  private final List<Row> rows = new ArrayList<>();

  private record Row(String name, List<@Nullable BufferedImage> images) {
    Stream<BufferedImage> there() {
      return images.stream().filter(Objects::nonNull);
    }
  }

  private SampleGrid(String title) {
    this.title = title;
  }

  /** Begins a figure. */
  public static SampleGrid of(String title) {
    return new SampleGrid(title);
  }

  /** Adds a row of pictures; null for one that is missing. */
  public SampleGrid row(String name, List<? extends @Nullable BufferedImage> images) {
    rows.add(new Row(name, new ArrayList<>(images)));
    return this;
  }

  /** Draws the figure. */
  public XYChart chart() {
    XYChart chart = new Drawing(List.copyOf(rows));
    chart.setTitle(title);
    return chart;
  }

  /** Cells of one size, as large as whole multiples of the largest picture's pixels allow. */
  private static final class Drawing extends ThemedChart {
    private static final int WIDTH = 900;
    private static final int TOP = 52;
    private static final int EDGE = 18;
    private static final int GAP = 6;
    private static final int LARGEST = 128;
    private static final int SIZE = 13;

    private final List<Row> rows;

    Drawing(List<Row> rows) {
      super(width(rows), TOP + EDGE + Math.max(1, rows.size()) * (cell(rows) + GAP));
      this.rows = rows;
    }

    private static int left(List<Row> rows) {
      int longest = rows.stream().mapToInt(row -> row.name.length()).max().orElse(0);
      return EDGE + Math.min(260, longest == 0 ? 0 : 12 + 8 * longest);
    }

    private static int width(List<Row> rows) {
      boolean empty = rows.stream().flatMap(Row::there).findAny().isEmpty();
      int needed = left(rows) + columns(rows) * (cell(rows) + GAP) + EDGE;
      return empty ? WIDTH : Math.min(WIDTH, Math.max(420, needed));
    }

    private static int columns(List<Row> rows) {
      return Math.max(1, rows.stream().mapToInt(row -> row.images.size()).max().orElse(1));
    }

    /** The side of a picture's place. */
    private static int cell(List<Row> rows) {
      int room = (WIDTH - left(rows) - EDGE) / columns(rows) - GAP;
      int place = Math.max(1, Math.min(LARGEST, room));
      int side =
          rows.stream()
              .flatMap(Row::there)
              .mapToInt(image -> Math.max(image.getWidth(), image.getHeight()))
              .max()
              .orElse(place);
      return side <= place ? place / side * side : place;
    }

    @Override
    void draw(Graphics2D graphics, int width, int height) {
      title(graphics, width);
      if (rows.stream().flatMap(Row::there).findAny().isEmpty()) {
        writeNoData(graphics, width / 2.0, height / 2.0);
        return;
      }
      double scale = Math.min((double) width / getWidth(), (double) height / getHeight());
      double cell = cell(rows) * scale;
      double left = left(rows) * scale;
      for (int r = 0; r < rows.size(); r++) {
        double y = TOP * scale + r * (cell + GAP * scale);
        String name = cut(graphics, rows.get(r).name, SIZE, left - EDGE);
        text(graphics, name, left - 8, y + cell / 2 + 4, SIZE, 1);
        for (int c = 0; c < rows.get(r).images.size(); c++) {
          double x = left + c * (cell + GAP * scale);
          paint(graphics, rows.get(r).images.get(c), x, y, cell);
        }
      }
    }

    private void paint(
        Graphics2D graphics, @Nullable BufferedImage image, double x, double y, double cell) {
      if (image == null) {
        fill(graphics, new Rectangle2D.Double(x, y, cell, cell), theme().grid());
        return;
      }
      double scale = cell / Math.max(image.getWidth(), image.getHeight());
      int width = (int) Math.max(1, Math.rint(image.getWidth() * scale));
      int height = (int) Math.max(1, Math.rint(image.getHeight() * scale));
      graphics.drawImage(image, (int) Math.rint(x), (int) Math.rint(y), width, height, null);
    }
  }
}
