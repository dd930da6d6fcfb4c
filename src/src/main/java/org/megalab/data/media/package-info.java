/** File formats of arrays, pictures, sound and tables, read at any position without loading. */
@NullMarked
package org.megalab.data.media;

import org.jspecify.annotations.NullMarked;
