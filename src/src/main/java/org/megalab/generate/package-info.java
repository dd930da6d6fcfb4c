/**
 * Generation: samplers, the byte-by-byte loop, text that streams without broken characters,
 * pictures and sounds, the likelihood of given continuations, and speed.
 */
@NullMarked
package org.megalab.generate;

import org.jspecify.annotations.NullMarked;
