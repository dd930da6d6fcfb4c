/**
 * What models cost: bits for each byte of a text, by context and position, and time, memory and
 * FLOPs.
 */
@NullMarked
package org.megalab.evaluate;

import org.jspecify.annotations.NullMarked;
