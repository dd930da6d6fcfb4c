package org.megalab.data.file;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.FileImageInputStream;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * Pictures in PNG and JPEG files, without a display.
 *
 * <p>Values are taken as they are in the file: no colour profile and no gamma is applied, as in
 * most readers of data sets; of 16 bits the upper 8 are taken. A channel of opacity is dropped
 * where it is opaque everywhere, and refused where it is not, for what would shine through is not
 * in the file. A JPEG of four inks is converted plainly, without a profile.
 */
public final class ImageFile {
  private static final long MOST_PIXELS = 1L << 27;

  /** What the decoder of JPEG warns of where it has filled in data that the file does not have. */
  private static final Pattern MADE_UP =
      Pattern.compile("(?i)premature|truncated|bad huffman|resync");

  private static final String JPEG = "\u00ff\u00d8\u00ff";

  private ImageFile() {}

  /**
   * Reads a picture whole.
   *
   * @throws MalformedFileException if it is neither PNG nor JPEG, cut off or damaged, has more than
   *     2^27 pixels, or is not opaque
   * @throws IllegalArgumentException if there is no such file
   */
  public static Picture read(Path path) {
    Fields fields = Fields.of(path);
    int kept = (int) Math.min(PngChunks.SIGNATURE.length(), fields.length());
    String magic = fields.text(0, kept, "the magic");
    boolean png = magic.equals(PngChunks.SIGNATURE);
    if (!png && !magic.startsWith(JPEG)) {
      throw fields.fault(
          0,
          Fields.shown(fields.take(0, kept, "the magic")),
          "a PNG (\"\\x89PNG\\x0d\\x0a\\x1a\\x0a\") or a JPEG (\"\\xff\\xd8\\xff\")",
          "convert the picture, or check which file this is");
    }
    if (png) {
      PngChunks.check(fields);
    }
    return picture(fields, decode(path, fields, png ? "png" : "jpeg"));
  }

  private static BufferedImage decode(Path path, Fields fields, String format) {
    ImageReader reader = ImageIO.getImageReadersByFormatName(format).next();
    try (FileImageInputStream in = new FileImageInputStream(path.toFile())) {
      List<String> warnings = new ArrayList<>();
      reader.addIIOReadWarningListener((source, warning) -> warnings.add(warning));
      reader.setInput(in, true, true);
      try {
        long width = reader.getWidth(0);
        long height = reader.getHeight(0);
        if (width * height > MOST_PIXELS) {
          throw fields.fault(
              0,
              "a header of %d by %d pixels".formatted(width, height),
              "at most 2^27 pixels",
              Fields.FETCH_AGAIN);
        }
        BufferedImage image =
            format.equals("jpeg") && JpegInks.areIn(fields)
                ? JpegInks.convert(fields, reader.readRaster(0, null))
                : reader.read(0);
        for (String warning : warnings) {
          if (MADE_UP.matcher(warning).find()) {
            throw fields.fault(in.getStreamPosition(), warning, "a whole JPEG", remedy());
          }
        }
        return image;
      } catch (MalformedFileException e) {
        throw e;
      } catch (IOException | RuntimeException e) { // decoders throw all sorts of things at damage
        throw fields.fault(
            in.getStreamPosition(),
            "data that cannot be decoded (" + e.getMessage() + ")",
            "a whole picture of grey or red, green and blue",
            remedy());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(fields.file() + ": it cannot be read: " + e, e);
    } finally {
      reader.dispose();
    }
  }

  private static String remedy() {
    return "convert it to RGB if other programs show it, else " + Fields.FETCH_AGAIN;
  }

  private static Picture picture(Fields fields, BufferedImage image) {
    int width = image.getWidth();
    int height = image.getHeight();
    if (image.getColorModel() instanceof IndexColorModel) {
      return palette(fields, image);
    }
    Raster raster = image.getRaster();
    int bands = raster.getNumBands();
    int channels = bands < 3 ? 1 : 3;
    int shift = Math.max(0, raster.getSampleModel().getSampleSize(0) - 8);
    byte[] bytes = new byte[Math.multiplyExact(width * height, channels)];
    int[] row = new int[width * bands];
    for (int i = 0; i < height; i++) {
      raster.getPixels(0, i, width, 1, row);
      for (int j = 0; j < width; j++) {
        for (int c = 0; c < channels; c++) {
          bytes[(i * width + j) * channels + c] = (byte) (row[j * bands + c] >> shift);
        }
        if (bands > channels && row[j * bands + channels] >> shift != 0xFF) {
          throw transparent(fields, i, j);
        }
      }
    }
    return new Picture(width, height, channels, bytes);
  }

  /** A picture whose pixels are numbers of colours; grey if all of its colours are. */
  private static Picture palette(Fields fields, BufferedImage image) {
    int width = image.getWidth();
    int height = image.getHeight();
    byte[] rgb = new byte[Math.multiplyExact(3, width * height)];
    byte[] grey = new byte[width * height];
    boolean colourless = true;
    for (int p = 0; p < grey.length; p++) {
      int argb = image.getRGB(p % width, p / width);
      if (argb >>> 24 != 0xFF) {
        throw transparent(fields, p / width, p % width);
      }
      rgb[3 * p] = (byte) (argb >> 16);
      rgb[3 * p + 1] = (byte) (argb >> 8);
      rgb[3 * p + 2] = (byte) argb;
      grey[p] = (byte) argb;
      colourless &= rgb[3 * p] == grey[p] && rgb[3 * p + 1] == grey[p];
    }
    return colourless ? new Picture(width, height, 1, grey) : new Picture(width, height, 3, rgb);
  }

  private static MalformedFileException transparent(Fields fields, int row, int column) {
    return fields.fault(
        0,
        "a transparent pixel at row %d, column %d".formatted(row, column),
        "opaque pixels",
        "lay the picture over a background of your choice and save it without transparency");
  }

  /**
   * Writes a picture as PNG, grey or RGB of 8 bits.
   *
   * @throws UncheckedIOException if it cannot be written
   */
  public static void writePng(Path path, Picture picture) {
    writePng(path, picture.image());
  }

  /**
   * Writes an image as PNG.
   *
   * @throws UncheckedIOException if it cannot be written
   */
  public static void writePng(Path path, BufferedImage image) {
    try (OutputStream file = Files.newOutputStream(path);
        ImageOutputStream out = new MemoryCacheImageOutputStream(file)) {
      if (!ImageIO.write(image, "png", out)) {
        throw new IOException("no PNG encoder");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(path.toAbsolutePath() + ": it cannot be written: " + e, e);
    }
  }
}
