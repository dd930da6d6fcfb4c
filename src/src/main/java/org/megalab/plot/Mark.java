package org.megalab.plot;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.Shape;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.knowm.xchart.style.markers.Marker;

/**
 * The mark of a point: filled, or hollow with the plate inside. Series differ by shape as well as
 * by colour, and a diamond is a published number.
 */
final class Mark extends Marker {

  private static final BasicStroke EDGE = new BasicStroke(1.8f);
  private static final int SHAPES = 4;
  private static final int DIAMOND = SHAPES;

  private final int shape;
  private final @Nullable Supplier<Color> inside;

  private Mark(int shape, @Nullable Supplier<Color> inside) {
    this.shape = shape;
    this.inside = inside;
  }

  /** The filled mark of series i: a disc, a square, a triangle, one upside down, a disc again. */
  static Mark series(int i) {
    return new Mark(Math.floorMod(i, SHAPES), null);
  }

  /** The filled mark of a published number. */
  static Mark published() {
    return new Mark(DIAMOND, null);
  }

  /** The hollow mark of a published number that is not certain. */
  static Mark uncertain(Supplier<Color> plate) {
    return new Mark(DIAMOND, plate);
  }

  @Override
  public void paint(Graphics2D graphics, double x, double y, int size) {
    Shape outline = outline(x, y, shape == DIAMOND ? 0.78 * size : 0.5 * size);
    Color edge = graphics.getColor();
    if (inside == null) {
      graphics.fill(outline);
    } else {
      graphics.setColor(inside.get());
      graphics.fill(outline);
      graphics.setColor(edge);
      graphics.setStroke(EDGE);
      graphics.draw(outline);
    }
  }

  private Shape outline(double x, double y, double r) {
    return switch (shape) {
      case 0 -> new Ellipse2D.Double(x - r, y - r, 2 * r, 2 * r);
      case 1 -> new Rectangle2D.Double(x - 0.9 * r, y - 0.9 * r, 1.8 * r, 1.8 * r);
      case 2 -> polygon(x, y, 0, -1.25 * r, 1.15 * r, 0.85 * r, -1.15 * r, 0.85 * r);
      case 3 -> polygon(x, y, 0, 1.25 * r, -1.15 * r, -0.85 * r, 1.15 * r, -0.85 * r);
      default -> polygon(x, y, 0, -r, r, 0, 0, r, -r, 0);
    };
  }

  private static Shape polygon(double x, double y, double... corners) {
    Path2D path = new Path2D.Double();
    path.moveTo(x + corners[0], y + corners[1]);
    for (int i = 2; i < corners.length; i += 2) {
      path.lineTo(x + corners[i], y + corners[i + 1]);
    }
    path.closePath();
    return path;
  }
}
