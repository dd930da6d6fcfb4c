package org.megalab.data;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.megalab.data.file.Document;

/** Reads large files through the loaders; {@link LargeFilesTest} starts it with a small heap. */
final class LargeFiles {
  private static final long TEXT = 64L << 20;
  private static final long SPARSE = 2L << 30;
  private static final int LINE = 1000; // bytes of text a JSON line

  private LargeFiles() {}

  /** Whether bytes of at least 15 are a piece of the text, at the place that they tell. */
  private static boolean isPiece(byte[] bytes) {
    for (int shift = 0; shift < 8; shift++) {
      long number = 0;
      for (int digit = 7; digit >= 0; digit--) {
        number = 26 * number + bytes[shift + digit] - 'a';
      }
      long start = 8 * number - shift;
      if (start >= 0
          && start + bytes.length <= TEXT
          && Arrays.equals(bytes, text(start, bytes.length))) {
        return true;
      }
    }
    return false;
  }

  /** The text: every eight letters spell their number, so that any piece tells its place. */
  private static byte[] text(long offset, int count) {
    byte[] bytes = new byte[count];
    long number = 0;
    for (int i = 0; i < count; i++) {
      long at = offset + i;
      if (i == 0 || (at & 7) == 0) {
        number = at >>> 3;
        for (long before = at & 7; before > 0; before--) {
          number /= 26;
        }
      }
      bytes[i] = (byte) ('a' + number % 26);
      number /= 26;
    }
    return bytes;
  }

  private static void write(OutputStream file) throws IOException {
    try (OutputStream out = new BufferedOutputStream(file, 1 << 16)) {
      for (long at = 0; at < TEXT; at += 1 << 16) {
        out.write(text(at, 1 << 16));
      }
    }
  }

  private static void writeJson(OutputStream file) throws IOException {
    try (OutputStream out = new BufferedOutputStream(file, 1 << 16)) {
      for (long at = 0; at < TEXT; at += LINE) {
        out.write("{\"meta\": {\"n\": 1}, \"text\": \"".getBytes(US_ASCII));
        out.write(text(at, (int) Math.min(LINE, TEXT - at)));
        out.write("\"}\n".getBytes(US_ASCII));
      }
    }
  }

  /** Makes the files in a folder and reads them; prints a line a file. */
  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[0]);
    Path plain = folder.resolve("text.txt");
    write(Files.newOutputStream(plain));
    check("text", new Split("train", List.of(Document.file(plain))), TEXT);

    Path gzip = folder.resolve("text.gz");
    write(new GZIPOutputStream(Files.newOutputStream(gzip)));
    check("gzip", new Split("train", List.of(Document.gzip(gzip))), TEXT);

    Path json = folder.resolve("train.jsonl");
    writeJson(Files.newOutputStream(json));
    check("jsonl", JsonLines.open(folder).train(), LINE);

    Path sparse = folder.resolve("sparse.bin");
    try (RandomAccessFile file = new RandomAccessFile(sparse.toFile(), "rw")) {
      file.setLength(SPARSE);
      file.seek(SPARSE - 1);
      file.write(7);
    }
    sweep(new Split("train", List.of(Document.file(sparse))));
  }

  /** Every byte of a split in order, and windows at random positions of documents of a length. */
  private static void check(String name, Split split, long document) {
    long bytes = 0;
    for (List<Window> batch : new SequentialWindows(split, 4096).batches(8)) {
      for (Window window : batch) {
        require(
            Arrays.equals(
                window.bytes(),
                text(window.document() * document + window.offset(), window.length())),
            name + ", " + window);
        bytes += window.length();
      }
    }
    require(bytes == TEXT && split.bytes() == TEXT, name + ": " + bytes + " bytes");
    int length = 800;
    RandomWindows windows = new RandomWindows(split, length, 8, 1);
    int found = 0;
    for (int step = 0; step < 500; step++) {
      for (byte[] row : windows.batch(step)) {
        require(row.length == length, name + ", step " + step);
        found += isPiece(row) ? 1 : 0;
      }
    }
    require(found == 4000, name + ": " + found + " windows of text");
    System.out.println(name + ": " + bytes + " bytes, " + split.documents().size() + " documents");
  }

  private static void sweep(Split split) {
    long bytes = 0;
    long sum = 0;
    long last = -1;
    for (Window window : new SequentialWindows(split, 1 << 20)) {
      for (byte b : window.bytes()) {
        sum += b;
      }
      bytes += window.length();
      last = window.offset() + window.length() - 1;
    }
    require(bytes == SPARSE && sum == 7 && last == SPARSE - 1, "sparse: " + bytes + ", " + sum);
    RandomWindows windows = new RandomWindows(split, 1 << 16, 4, 1);
    for (int step = 0; step < 200; step++) {
      for (byte[] row : windows.batch(step)) {
        require(Arrays.equals(row, new byte[1 << 16]), "sparse, step " + step);
      }
    }
    System.out.println("sparse: " + bytes + " bytes");
  }

  private static void require(boolean condition, String what) {
    if (!condition) {
      throw new AssertionError(what);
    }
  }
}
