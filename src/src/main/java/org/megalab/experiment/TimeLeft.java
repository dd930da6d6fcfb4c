package org.megalab.experiment;

import java.util.HashMap;
import java.util.Map;

/** The time that is left of pieces of work of known relative size, some of them at once. */
final class TimeLeft {

  private final long start = System.nanoTime();
  private final Map<String, Piece> pieces = new HashMap<>();

  private static final class Piece {
    final double work;
    double begun = -1;
    double now;
    boolean ended;

    Piece(double work) {
      this.work = work;
    }
  }

  void add(String name, double work) {
    pieces.put(name, new Piece(work));
  }

  /** The piece is done to this share, after one more of its equal steps. */
  void reached(String name, double share, double step) {
    Piece piece = pieces.get(name);
    if (piece != null) {
      piece.begun = piece.begun < 0 ? Math.max(0, share - step) : piece.begun;
      piece.now = Math.min(1, share);
    }
  }

  /** The piece has ended, done or not. */
  void ended(String name) {
    Piece piece = pieces.get(name);
    if (piece != null) {
      piece.ended = true;
    }
  }

  double secondsLeft() {
    double done = 0;
    double left = 0;
    for (Piece piece : pieces.values()) {
      done += piece.work * (piece.now - Math.max(0, piece.begun));
      left += piece.ended ? 0 : piece.work * (1 - piece.now);
    }
    if (left == 0) {
      return 0;
    }
    return done == 0 ? Double.POSITIVE_INFINITY : (System.nanoTime() - start) / 1e9 * left / done;
  }
}
