package org.megalab.notebook;

import java.io.IOException;

/** The kernel's process ended, or does not answer. */
public final class KernelDiedException extends IOException {
  KernelDiedException(String message) {
    super(message);
  }
}
