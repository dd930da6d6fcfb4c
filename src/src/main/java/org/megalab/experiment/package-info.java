/** Several trainings, compared. */
@NullMarked
package org.megalab.experiment;

import org.jspecify.annotations.NullMarked;
