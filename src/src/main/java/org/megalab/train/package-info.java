/** The one training loop: optimizer, schedule, checkpoints and the run directory. */
@NullMarked
package org.megalab.train;

import org.jspecify.annotations.NullMarked;
