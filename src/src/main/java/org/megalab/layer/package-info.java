/** Building blocks: one DJL block a file, its mathematics in the TorchScript file beside it. */
@NullMarked
package org.megalab.layer;

import org.jspecify.annotations.NullMarked;
