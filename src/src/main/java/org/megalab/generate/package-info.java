/** Generation: samplers, the byte-by-byte loop, and text that streams without broken characters. */
@NullMarked
package org.megalab.generate;

import org.jspecify.annotations.NullMarked;
