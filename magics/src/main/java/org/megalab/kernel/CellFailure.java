package org.megalab.kernel;

import java.util.List;

/** A cell that did not succeed, in the terms of Jupyter's error message. */
final class CellFailure extends Exception {
  private final String errorName;
  private final transient List<String> traceback;

  CellFailure(String errorName, String message, List<String> traceback, Throwable cause) {
    super(message, cause);
    this.errorName = errorName;
    this.traceback = List.copyOf(traceback);
  }

  CellFailure(String errorName, String message, List<String> traceback) {
    super(message);
    this.errorName = errorName;
    this.traceback = List.copyOf(traceback);
  }

  /** Jupyter's {@code ename}: a class name, {@code CompileError} or {@code Interrupted}. */
  String errorName() {
    return errorName;
  }

  /** Jupyter's {@code evalue}. */
  String errorValue() {
    String message = getMessage();
    return message == null ? "" : message;
  }

  /** Lines with terminal colours. */
  List<String> traceback() {
    return traceback;
  }
}
