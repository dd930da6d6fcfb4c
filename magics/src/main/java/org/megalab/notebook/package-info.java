/** Notebook files, a client for Jupyter kernels, and the runner that executes a notebook. */
@NullMarked
package org.megalab.notebook;

import org.jspecify.annotations.NullMarked;
