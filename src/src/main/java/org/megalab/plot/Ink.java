package org.megalab.plot;

import java.awt.Color;

/** What something is drawn with, whatever the theme: a colour once the theme is known. */
interface Ink {

  /** The colour in a theme. */
  Color in(Theme theme);

  /** That of series i. */
  static Ink series(int i) {
    return theme -> theme.color(i);
  }

  /** The same mixed with the plate: strength 1 is the colour itself, 0 the plate. */
  default Ink pale(double strength) {
    return theme -> theme.pale(in(theme), strength);
  }
}
