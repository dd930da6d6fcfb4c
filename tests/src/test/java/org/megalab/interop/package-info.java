@NullMarked
package org.megalab.interop;

import org.jspecify.annotations.NullMarked;
