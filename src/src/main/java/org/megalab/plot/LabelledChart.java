package org.megalab.plot;

import java.awt.BasicStroke;
import java.awt.Graphics2D;
import java.awt.geom.Line2D;
import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * An XY chart whose lines can be labelled in a margin at its right edge, each beside where it ends,
 * and whose points can have error bars and notes.
 */
final class LabelledChart extends ThemedChart {
  private static final int GAP = 12;
  private static final int LINE = 15;
  private static final int TICK = 60;

  private static final int NOTE = 12;

  private record Label(String text, double value, Ink ink) {}

  private record Whisker(double x, double low, double high, Ink ink) {}

  private record Note(double x, double low, double high, String text) {}

  private final List<Label> labels = new ArrayList<>();
  private final List<Whisker> whiskers = new ArrayList<>();
  private final List<Note> notes = new ArrayList<>();
  private boolean empty;
  private boolean doubling;
  private List<String> categories = List.of();

  LabelledChart(int width, int height) {
    super(width, height);
  }

  /** Labels the line that reaches the right edge at {@code value} with its name and that value. */
  void label(String name, double value, Ink ink) {
    labels.add(new Label(String.format(Locale.ENGLISH, "%s  %.2f", name, value), value, ink));
  }

  /** Draws an error bar at x. */
  void whisker(double x, double low, double high, Ink ink) {
    whiskers.add(new Whisker(x, low, high, ink));
  }

  /** Writes above a point and its error bar, or below where another text is there already. */
  void note(double x, double low, double high, String text) {
    notes.add(new Note(x, low, high, text));
  }

  /** Marks the horizontal axis, of base-2 logarithms, at powers of two. */
  void doubling() {
    doubling = true;
  }

  /** Marks the horizontal axis at 0, 1, … with names. */
  void categories(List<String> names) {
    categories = names;
  }

  /** 2 to an exponent in multiples of 1024. */
  static String powerOfTwo(int exponent) {
    int thousands = Math.max(0, Math.min(4, exponent / 10));
    String[] units = {"", " K", " M", " G", " T"};
    return Format.count(Math.pow(2, exponent - 10.0 * thousands)) + units[thousands];
  }

  /** A length in multiples of 1024, such as 4 K for 4096, where it is one. */
  static String thousands(double length) {
    double exponent = Math.log(length) / Math.log(2);
    boolean power = length >= 1024 && Math.abs(exponent - Math.rint(exponent)) < 1e-9;
    return power ? powerOfTwo((int) Math.rint(exponent)) : Format.count(length);
  }

  /** Empty axes that say that there is no data. */
  void drawNothing() {
    getStyler().setXAxisMin(0.0).setXAxisMax(1.0).setYAxisMin(0.0).setYAxisMax(8.0);
    getStyler().setXAxisTicksVisible(false);
    getStyler().setLegendVisible(false);
    line("nothing", new Curve(new double[] {0, 1}, new double[] {0, 0}), Theme::plate, 1);
    empty = true;
  }

  @Override
  void draw(Graphics2D graphics, int width, int height) {
    boolean ownTicks = doubling || !categories.isEmpty();
    if (ownTicks) { // what is drawn instead has the room of these
      getStyler().setXAxisTickLabelsColor(theme().plate()).setXAxisTickMarksColor(theme().plate());
    }
    double widest =
        labels.stream().mapToDouble(label -> advance(graphics, label.text, 12)).max().orElse(0);
    int margin = labels.isEmpty() ? 0 : (int) Math.min(widest + GAP, width / 3.0);
    super.draw(graphics, width - margin, height);
    int spacing = getStyler().getXAxisTickMarkSpacingHint();
    getStyler().setXAxisTickMarkSpacingHint(1); // else XChart finds no place on a lower plot
    whiskers.forEach(whisker -> paintWhisker(graphics, whisker));
    List<Rectangle2D> taken = new ArrayList<>();
    notes.forEach(note -> paintNote(graphics, note, taken));
    paintLabels(graphics);
    if (ownTicks) {
      paintTicks(graphics, width);
    }
    if (empty) {
      writeNoData(graphics, (left() + right()) / 2, (top() + bottom()) / 2);
    }
    getStyler().setXAxisTickMarkSpacingHint(spacing);
  }

  private void paintWhisker(Graphics2D graphics, Whisker whisker) {
    double x = getScreenXFromChart(whisker.x);
    double y0 = shownY(whisker.low);
    double y1 = shownY(whisker.high);
    graphics.setStroke(new BasicStroke(1.4f));
    graphics.setColor(whisker.ink.in(theme()));
    graphics.draw(new Line2D.Double(x, y0, x, y1));
    graphics.draw(new Line2D.Double(x - 5, y0, x + 5, y0));
    graphics.draw(new Line2D.Double(x - 5, y1, x + 5, y1));
  }

  private void paintNote(Graphics2D graphics, Note note, List<Rectangle2D> taken) {
    double width = advance(graphics, note.text, NOTE);
    double middle = getScreenXFromChart(note.x);
    double x = Math.max(left() + 4, Math.min(right() - width - 4, middle - width / 2));
    double above = shownY(note.high) - 9;
    double below = shownY(note.low) + 18;
    for (double y : new double[] {above, below, above - LINE, below + LINE, above - 2 * LINE}) {
      Rectangle2D place = new Rectangle2D.Double(x, y - NOTE, width, LINE);
      if (taken.stream().noneMatch(place::intersects) && y - NOTE > top() && y < bottom()) {
        taken.add(place);
        text(graphics, note.text, x, y, NOTE, 0);
        return;
      }
    }
    text(graphics, note.text, x, above, NOTE, 0);
  }

  private double shownY(double value) {
    double lowest = getStyler().getYAxisMin();
    double highest = getStyler().getYAxisMax();
    return getScreenYFromChart(Math.max(lowest, Math.min(highest, value)));
  }

  /**
   * Moves labels apart where they would overlap; a line that left the plot is labelled at its edge.
   */
  private void paintLabels(Graphics2D graphics) {
    if (labels.isEmpty()) {
      return;
    }
    List<Label> sorted = new ArrayList<>(labels);
    sorted.sort(Comparator.comparingDouble(label -> -label.value));
    double[] at = new double[sorted.size()];
    double[] wanted = new double[sorted.size()];
    for (int i = 0; i < at.length; i++) {
      wanted[i] = shownY(sorted.get(i).value);
    }
    graphics.setStroke(new BasicStroke(1));
    spread(wanted, at, top(), bottom());
    for (int i = 0; i < at.length; i++) {
      Ink ink = sorted.get(i).ink;
      graphics.setColor(ink.pale(0.6).in(theme()));
      graphics.draw(new Line2D.Double(right() + 1, wanted[i], right() + GAP - 3, at[i]));
      write(graphics, sorted.get(i).text, right() + GAP, at[i] + 4, 12, ink.in(theme()), 0);
    }
  }

  private void paintTicks(Graphics2D graphics, int width) {
    double low = getStyler().getXAxisMin();
    double high = getStyler().getXAxisMax();
    double widest =
        categories.stream().mapToDouble(name -> advance(graphics, name, 12)).max().orElse(0);
    double room = (right() - left()) / (high - low); // for each factor of two, or each name
    int step = (int) Math.max(1, Math.ceil(Math.max(TICK, widest + 8) / room));
    graphics.setStroke(new BasicStroke(1));
    graphics.setColor(theme().frame());
    graphics.draw(new Line2D.Double(left(), bottom(), right(), bottom()));
    for (int e = (int) Math.ceil(low / step) * step; e <= high; e += step) {
      double x = getScreenXFromChart(e);
      graphics.setColor(theme().frame());
      graphics.draw(new Line2D.Double(x, bottom(), x, bottom() + 4));
      String name = doubling ? powerOfTwo(e) : categories.get(e);
      double end = x + advance(graphics, name, 12) / 2;
      text(graphics, name, x - Math.max(0, end - width + 4), bottom() + 18, 12, 0.5);
    }
  }

  private double left() {
    return getScreenXFromChart(getStyler().getXAxisMin());
  }

  private double right() {
    return getScreenXFromChart(getStyler().getXAxisMax());
  }

  private double top() {
    return getScreenYFromChart(getStyler().getYAxisMax());
  }

  private double bottom() {
    return getScreenYFromChart(getStyler().getYAxisMin());
  }

  /**
   * Positions at least one line apart, in order, as near to the wanted ones as a pass down and a
   * pass up make them, and within top and bottom if there is room.
   */
  static void spread(double[] wanted, double[] at, double top, double bottom) {
    double next = top;
    for (int i = 0; i < at.length; i++) {
      at[i] = Math.max(wanted[i], next);
      next = at[i] + LINE;
    }
    double limit = bottom;
    for (int i = at.length - 1; i >= 0; i--) {
      at[i] = Math.min(at[i], limit);
      limit = at[i] - LINE;
    }
    // Labels that were pushed down as a group move back up together by their mean push.
    for (int start = 0; start < at.length; ) {
      int end = start + 1;
      while (end < at.length && at[end] - at[end - 1] < LINE + 0.5) {
        end++;
      }
      double push = 0;
      for (int i = start; i < end; i++) {
        push += (at[i] - wanted[i]) / (end - start);
      }
      double room = at[start] - (start == 0 ? top : at[start - 1] + LINE);
      double shift = Math.max(0, Math.min(push, room));
      for (int i = start; i < end; i++) {
        at[i] -= shift;
      }
      start = end;
    }
  }
}
