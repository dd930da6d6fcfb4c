/** Tests. */
@org.jspecify.annotations.NullMarked
package org.megalab.data.file;
