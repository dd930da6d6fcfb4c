/** Files that other programs write and read. */
@NullMarked
package org.megalab.interop;

import org.jspecify.annotations.NullMarked;
