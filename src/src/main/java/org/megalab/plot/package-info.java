/** Figures from tables and runs, all in one style. */
@NullMarked
package org.megalab.plot;

import org.jspecify.annotations.NullMarked;
