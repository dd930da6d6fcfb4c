/**
 * Files as documents: bytes read at any position without loading, out of plain and gzipped files
 * and archives, and the formats of arrays, pictures, sound and tables. Nothing here knows of data
 * sets; those are in {@code org.megalab.data}, which builds on this package.
 */
@NullMarked
package org.megalab.data.file;

import org.jspecify.annotations.NullMarked;
