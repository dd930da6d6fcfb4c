package org.megalab.kernel;

import io.github.spencerpark.jupyter.messages.publish.PublishStream.StreamType;
import java.io.OutputStream;
import java.io.PrintStream;

/** Standard output or error, led to the cell of the printing thread. */
final class CellStream extends OutputStream {
  private final StreamType type;
  private final PrintStream outsideCells;

  CellStream(StreamType type, PrintStream outsideCells) {
    this.type = type;
    this.outsideCells = outsideCells;
  }

  @Override
  public void write(int b) {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) {
    Cell cell = Cell.current();
    if (cell == null) {
      outsideCells.write(bytes, offset, length);
      outsideCells.flush();
    } else {
      cell.print(type, bytes, offset, length);
    }
  }
}
