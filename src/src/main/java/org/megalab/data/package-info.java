/**
 * Corpora and sets of examples, their layouts and their catalog, synthetic tasks, splits and
 * batching. The files themselves are read by {@code org.megalab.data.file}.
 */
@NullMarked
package org.megalab.data;

import org.jspecify.annotations.NullMarked;
