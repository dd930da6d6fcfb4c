/** The text form of configurations: strict JSON to and from records and their builders. */
@NullMarked
package org.megalab.json;

import org.jspecify.annotations.NullMarked;
