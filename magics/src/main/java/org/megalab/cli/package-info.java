/** The command line. */
@NullMarked
package org.megalab.cli;

import org.jspecify.annotations.NullMarked;
