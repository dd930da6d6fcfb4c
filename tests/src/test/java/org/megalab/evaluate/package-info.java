@NullMarked
package org.megalab.evaluate;

import org.jspecify.annotations.NullMarked;
