/** The architectures, one a file, each with its own configuration. */
@NullMarked
package org.megalab.model;

import org.jspecify.annotations.NullMarked;
