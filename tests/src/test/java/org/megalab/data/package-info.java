@NullMarked
package org.megalab.data;

import org.jspecify.annotations.NullMarked;
