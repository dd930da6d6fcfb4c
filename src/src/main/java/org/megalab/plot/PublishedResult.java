package org.megalab.plot;

/**
 * One number of a paper, or its absence.
 *
 * @param paper MEGABYTE, MEGALODON or MEGA: where it is printed
 * @param table where in our list of results, such as {@code 1.4}
 * @param task what was measured on, such as {@code PG-19 test}
 * @param model whose number it is
 * @param parameters the model's size as printed, empty where it is not told
 * @param metric such as {@code bpb}
 * @param value NaN where there is none
 * @param conditions how it was measured
 * @param status how well it is known
 */
public record PublishedResult(
    String paper,
    String table,
    String task,
    String model,
    String parameters,
    String metric,
    double value,
    String conditions,
    Status status) {

  /** How well a published number is known. */
  public enum Status {
    /** Printed in a table or in the text. */
    PRINTED("✓", "printed"),
    /** Follows from printed numbers by arithmetic, or by an assignment of our own. */
    DERIVED("≈", "derived from printed numbers"),
    /** Drawn in a figure without its value. */
    FIGURE("fig", "only drawn in a figure"),
    /** Contradictory or suspect as printed. */
    DISPUTED("?", "contradictory in print"),
    /** Not reported. */
    MISSING("—", "not reported");

    private final String mark;
    private final String description;

    Status(String mark, String description) {
      this.mark = mark;
      this.description = description;
    }

    /** How the list of results marks it. */
    public String mark() {
      return mark;
    }

    /** What it means, in a few words. */
    public String description() {
      return description;
    }

    /**
     * The status of a mark.
     *
     * @throws IllegalArgumentException if there is none
     */
    static Status of(String mark) {
      for (Status status : values()) {
        if (status.mark.equals(mark)) {
          return status;
        }
      }
      throw new IllegalArgumentException(
          "no status is marked '" + mark + "'; use ✓, ≈, fig, ? or —");
    }
  }

  /** Whether there is a number to draw. */
  public boolean hasValue() {
    return Double.isFinite(value);
  }

  /** Whether it stands in print as it is: a filled mark; others are hollow. */
  public boolean isCertain() {
    return status == Status.PRINTED;
  }

  /** The model with its size. */
  public String label() {
    return parameters.isEmpty() ? model : model + " " + parameters;
  }
}
