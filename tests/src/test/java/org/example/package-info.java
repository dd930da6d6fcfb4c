/** An architecture from outside the library: what its public API must be enough for. */
@NullMarked
package org.example;

import org.jspecify.annotations.NullMarked;
