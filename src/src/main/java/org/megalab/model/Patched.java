package org.megalab.model;

/**
 * A configuration of a model that reads bytes in patches: its first bytes of a patch are predicted
 * better than its last, which lean on the weaker local model.
 */
public interface Patched {

  /** Returns P, the bytes of a patch. */
  int patchSize();
}
