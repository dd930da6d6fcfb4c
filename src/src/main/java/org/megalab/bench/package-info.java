/** Named benchmarks of models and their layers: what they cost, beside each other and on record. */
@NullMarked
package org.megalab.bench;

import org.jspecify.annotations.NullMarked;
