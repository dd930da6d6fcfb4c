package org.megalab.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Curves that wander over a square of pixels and keep clear of each other and of themselves. A
 * curve is the numbers of its pixels, row by row, from one end to the other.
 */
final class DashedCurves {

  private static final int DASH = 3;
  private static final int SPACE = 2;

  /** Pixels of different curves are further apart than this; those of a curve's dashes are not. */
  private static final int CLEARANCE = DASH;

  private static final int TRIES = 100;

  private final int side;
  private final SplitMix64 random;
  private final boolean[] taken;

  private DashedCurves(int side, SplitMix64 random) {
    this.side = side;
    this.random = random;
    taken = new boolean[side * side];
  }

  /** Draws two long curves, and then short ones as the area has room for. */
  static List<int[]> draw(int side, SplitMix64 random) {
    while (true) {
      List<int[]> curves = new DashedCurves(side, random).all();
      if (curves != null) {
        return curves;
      }
    }
  }

  private @Nullable List<int[]> all() {
    int distractors = side * side / 256;
    List<int[]> curves = new ArrayList<>();
    for (int i = 0; i < 2 + distractors; i++) {
      int[] curve = one(length(i < 2 ? side * 3 / 4 : side / 4));
      if (curve == null) {
        return i < 2 ? null : curves; // without two long ones, begin with an empty image
      }
      curves.add(curve);
      for (int pixel : curve) {
        take(pixel);
      }
    }
    return curves;
  }

  /** About as many pixels, so that both ends are whole dashes. */
  private static int length(int about) {
    return about / (DASH + SPACE) * (DASH + SPACE) + DASH;
  }

  private int @Nullable [] one(int length) {
    for (int i = 0; i < TRIES; i++) {
      int[] curve = walk(length);
      if (curve != null) {
        return curve;
      }
    }
    return null;
  }

  /** One walk of a number of pixels; null if it leaves the image or comes near a curve. */
  private int @Nullable [] walk(int length) {
    int[] pixels = new int[length];
    double x = 1 + random.nextDouble() * (side - 2);
    double y = 1 + random.nextDouble() * (side - 2);
    double angle = random.nextDouble() * 2 * Math.PI;
    int count = 0;
    while (count < length) {
      int column = (int) Math.floor(x);
      int row = (int) Math.floor(y);
      boolean inside = row >= 1 && row < side - 1 && column >= 1 && column < side - 1;
      if (!inside || taken[row * side + column]) {
        return null;
      }
      int pixel = row * side + column;
      if (count == 0 || pixels[count - 1] != pixel) {
        if (count > 1 && distance(pixels[count - 2], pixel) == 1) {
          count--; // cut the corner, so that the curve stays thin
        }
        if (meetsItself(pixels, count, pixel)) {
          return null;
        }
        pixels[count++] = pixel;
      }
      angle += (random.nextDouble() - 0.5) * 0.8;
      x += StrictMath.cos(angle); // Math's may differ in the last bit from one JDK to the next
      y += StrictMath.sin(angle);
    }
    return pixels;
  }

  /** Whether a pixel is near one of the same curve that is more than a few steps back. */
  private boolean meetsItself(int[] pixels, int count, int pixel) {
    for (int i = 0; i < count - DASH - SPACE; i++) {
      if (distance(pixels[i], pixel) <= CLEARANCE) {
        return true;
      }
    }
    return false;
  }

  /** The larger of the distances in rows and in columns. */
  private int distance(int a, int b) {
    return Math.max(Math.abs(a / side - b / side), Math.abs(a % side - b % side));
  }

  private void take(int pixel) {
    for (int row = pixel / side - CLEARANCE; row <= pixel / side + CLEARANCE; row++) {
      int from = Math.max(0, pixel % side - CLEARANCE);
      int to = Math.min(side - 1, pixel % side + CLEARANCE);
      if (row >= 0 && row < side) {
        Arrays.fill(taken, row * side + from, row * side + to + 1, true);
      }
    }
  }

  /** Whitens three pixels of a curve, leaves two black, and so on. */
  static void dashes(int[] curve, byte[] image) {
    for (int i = 0; i < curve.length; i++) {
      if (i % (DASH + SPACE) < DASH) {
        image[curve[i]] = (byte) 255;
      }
    }
  }

  /** Whitens a pixel and its eight neighbours. */
  static void dot(int pixel, int side, byte[] image) {
    for (int row = -1; row <= 1; row++) {
      Arrays.fill(image, pixel + row * side - 1, pixel + row * side + 2, (byte) 255);
    }
  }
}
