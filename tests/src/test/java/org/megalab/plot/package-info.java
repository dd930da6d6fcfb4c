@NullMarked
package org.megalab.plot;

import org.jspecify.annotations.NullMarked;
