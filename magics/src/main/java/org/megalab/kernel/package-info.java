/** A Java kernel for Jupyter: JShell in process, magics, interrupts, completion. */
@NullMarked
package org.megalab.kernel;

import org.jspecify.annotations.NullMarked;
