package org.megalab.magics;

import io.github.spencerpark.jupyter.kernel.BaseKernel;

/** Registers Megalab's magics and renderers on a kernel. */
public final class Megalab {
  private Megalab() {}

  /** Called by the kernel once, before the first cell. */
  public static void install(BaseKernel kernel) {}
}
