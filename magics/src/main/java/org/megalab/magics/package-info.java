/** The notebook magics and renderers: parse, call the library, display. */
@NullMarked
package org.megalab.magics;

import org.jspecify.annotations.NullMarked;
