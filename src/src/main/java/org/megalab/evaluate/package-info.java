/** Bits per byte of models, and of what they are compared with. */
@NullMarked
package org.megalab.evaluate;

import org.jspecify.annotations.NullMarked;
