package org.megalab.data;

import java.util.List;

/**
 * Images of dashed curves with two dots, and whether one curve joins the dots, after Pathfinder
 * (Linsley et al., 2018; Tay et al., 2021, section 3.5).
 *
 * <p>Two long curves and some short ones wind over a black square of n by n pixels without coming
 * near each other. Class 1: the dots are the ends of one long curve. Class 0: one is an end of the
 * one long curve, the other of the other, as far apart within half a pixel, so that the distance of
 * the dots says next to nothing of the class. Each class has half of the examples, and the same
 * curves are drawn for both. The input is the image row by row, one byte a pixel, 0 or 255.
 *
 * <pre>
 * θ ← θ + turn,  (x, y) ← (x, y) + (cos θ, sin θ)      one pixel a step, 3n/4 pixels a long curve
 * </pre>
 *
 * @param side n, in pixels
 */
public record Pathfinder(int side) implements SyntheticTask {

  /**
   * Checks the size.
   *
   * @throws IllegalArgumentException if it is out of range
   */
  public Pathfinder {
    Ranges.check("pathfinder", "side", side, 16, 128);
  }

  /** Returns images of a size, usually 16 or 32. */
  public static Pathfinder of(int side) {
    return new Pathfinder(side);
  }

  @Override
  public String name() {
    return "pathfinder-" + side;
  }

  @Override
  public List<String> classes() {
    return List.of("apart", "connected");
  }

  /** {@inheritDoc} About a tenth of the pixels is white at n = 16, and fewer in larger images. */
  @Override
  public Numbers numbers() {
    return Numbers.pixels(0.1, 0.3);
  }

  @Override
  public Example example(SplitMix64 random) {
    boolean connected = random.nextBoolean();
    List<int[]> curves; // the two long ones first
    int[] dots;
    do {
      curves = DashedCurves.draw(side, random);
      dots = dots(curves.get(0), curves.get(1), connected);
    } while (dots.length == 0);
    byte[] image = new byte[side * side];
    for (int[] curve : curves) {
      DashedCurves.dashes(curve, image);
    }
    for (int dot : dots) {
      DashedCurves.dot(dot, side, image);
    }
    return Example.labelled(image, connected ? 1 : 0, 2);
  }

  /**
   * Two pixels for the dots. None, whichever class it is, if no end of one curve is as far from an
   * end of the other as its own two ends are from each other.
   */
  private int[] dots(int[] one, int[] other, boolean connected) {
    int[] ends = {one[0], one[one.length - 1]};
    for (int end : ends) {
      for (int far : new int[] {other[0], other[other.length - 1]}) {
        if (Math.abs(distance(end, far) - distance(ends[0], ends[1])) <= 0.5) {
          return connected ? ends : new int[] {end, far};
        }
      }
    }
    return new int[0];
  }

  private double distance(int a, int b) {
    int rows = a / side - b / side;
    int columns = a % side - b % side;
    return Math.sqrt(rows * rows + columns * columns);
  }
}
