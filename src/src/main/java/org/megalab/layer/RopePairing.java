package org.megalab.layer;

/** Which channels of a head turn together in a rotary position embedding. */
public enum RopePairing {
  /** Channels 2i and 2i + 1, as in the paper (Su et al. 2021) and in MEGALODON. */
  ADJACENT,
  /** Channels i and i + d/2, as Hugging Face stores Llama. */
  HALF_SPLIT;

  /** Returns how the scripts ask for it. */
  boolean halves() {
    return this == HALF_SPLIT;
  }
}
