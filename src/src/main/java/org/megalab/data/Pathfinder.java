package org.megalab.data;

import java.util.List;

/**
 * Images of dashed curves with two dots, and whether one curve joins the dots, after Pathfinder
 * (Linsley et al., 2018; Tay et al., 2021, section 3.5).
 *
 * <p>Two long curves and some short ones wind over a black square of n by n pixels without coming
 * near each other. Class 1: the dots are the ends of one long curve. Class 0: one is an end of the
 * one long curve, the other of the other. Each class has half of the examples, and the same curves
 * are drawn for both. The input is the image row by row, one byte a pixel, 0 or 255.
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
    List<int[]> curves = DashedCurves.draw(side, random); // the two long ones first
    byte[] image = new byte[side * side];
    for (int[] curve : curves) {
      DashedCurves.dashes(curve, image);
    }
    int[] one = curves.get(0);
    int[] other = curves.get(connected ? 0 : 1);
    DashedCurves.dot(one[0], side, image);
    DashedCurves.dot(other[other.length - 1], side, image);
    return Example.labelled(image, connected ? 1 : 0, 2);
  }
}
