package org.megalab.kernel;

/** The version of this build. */
public final class Versions {
  private Versions() {}

  /** From the jar's manifest; {@code development} when run from class folders. */
  public static String megalab() {
    String version = Versions.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }
}
