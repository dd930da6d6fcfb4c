/** Tests of the benchmarks. */
@NullMarked
package org.megalab.bench;

import org.jspecify.annotations.NullMarked;
