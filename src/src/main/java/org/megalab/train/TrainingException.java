package org.megalab.train;

/** A training run that cannot start or go on; the message says why and what to try. */
public final class TrainingException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** Creates it with its message. */
  public TrainingException(String message) {
    super(message);
  }

  /** Creates it with its message and cause. */
  public TrainingException(String message, Throwable cause) {
    super(message, cause);
  }
}
