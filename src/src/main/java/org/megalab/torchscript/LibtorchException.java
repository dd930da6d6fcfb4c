package org.megalab.torchscript;

import ai.djl.engine.EngineException;

/** A libtorch that cannot be used here, or cannot be had; the message says what to do. */
public final class LibtorchException extends EngineException {

  private static final long serialVersionUID = 1L;

  LibtorchException(String message) {
    super(message);
  }

  LibtorchException(String message, Throwable cause) {
    super(message, cause);
  }
}
