/** Byte sources, documents, the layouts and the catalog of data sets, splits and batching. */
@NullMarked
package org.megalab.data;

import org.jspecify.annotations.NullMarked;
