package org.megalab.data.file;

import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.util.function.IntPredicate;

/**
 * JPEGs of four inks, of which ImageNet has some and which the Java decoder leaves as they are.
 *
 * <pre>
 * red = (255 − C) (255 − K) / 255,  green and blue likewise with M and Y
 * </pre>
 *
 * <p>Files with Adobe's marker hold 255 − ink, and may hold the first three as luma and chroma.
 */
final class JpegInks {
  private static final int APP14 = 0xEE;
  private static final int START_OF_SCAN = 0xDA;

  private JpegInks() {}

  static BufferedImage convert(Fields fields, Raster raster) {
    int transform = adobeTransform(fields);
    int width = raster.getWidth();
    int height = raster.getHeight();
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    int[] inks = new int[4];
    int[] rgb = new int[3];
    for (int i = 0; i < height; i++) {
      for (int j = 0; j < width; j++) {
        raster.getPixel(j, i, inks);
        if (transform == 2) {
          chroma(inks);
        }
        int black = transform < 0 ? 255 - inks[3] : inks[3];
        for (int c = 0; c < 3; c++) {
          int ink = transform < 0 ? 255 - inks[c] : inks[c];
          rgb[c] = (ink * black + 127) / 255;
        }
        image.getRaster().setPixel(j, i, rgb);
      }
    }
    return image;
  }

  /** Luma and chroma as 255 − red, green and blue (JFIF), which is what the file calls inks. */
  private static void chroma(int[] inks) {
    double luma = inks[0];
    double blue = inks[1] - 128.0;
    double red = inks[2] - 128.0;
    inks[0] = 255 - clip(luma + 1.402 * red);
    inks[1] = 255 - clip(luma - 0.344136 * blue - 0.714136 * red);
    inks[2] = 255 - clip(luma + 1.772 * blue);
  }

  private static int clip(double value) {
    return (int) Math.max(0, Math.min(255, Math.round(value)));
  }

  /** Whether a file has four components. */
  static boolean areIn(Fields fields) {
    long frame = find(fields, JpegInks::isFrame);
    return frame > 0 && fields.take(frame + 9, 1, "the number of components")[0] == 4;
  }

  /** Whether a marker begins a frame; DHT, JPG and DAC lie among these. */
  private static boolean isFrame(int marker) {
    return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
  }

  /** The transform of Adobe's marker, 0 or 2, or −1 if there is no such marker. */
  private static int adobeTransform(Fields fields) {
    long at = find(fields, marker -> marker == APP14);
    return at > 0 && fields.length() > at + 16 && fields.text(at + 4, 5, "a marker").equals("Adobe")
        ? fields.take(at + 15, 1, "the transform")[0]
        : -1;
  }

  /** The place of the first such segment before the picture's data, or −1. */
  private static long find(Fields fields, IntPredicate wanted) {
    long at = 2;
    while (at + 4 <= fields.length()) {
      long segment = fields.int32BigEndian(at, "a marker");
      int marker = (int) (segment >> 16 & 0xFF);
      if (marker == START_OF_SCAN) {
        return -1;
      }
      if (wanted.test(marker)) {
        return at;
      }
      at += marker == 0xFF ? 1 : 2 + (segment & 0xFFFF); // bytes 0xFF may fill the gap
    }
    return -1;
  }
}
