/** Byte sources, documents, splits and batching. */
@NullMarked
package org.megalab.data;

import org.jspecify.annotations.NullMarked;
