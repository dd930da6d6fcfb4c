/** Turns readable TorchScript source into functions over {@code NDArray}s. */
@NullMarked
package org.megalab.torchscript;

import org.jspecify.annotations.NullMarked;
