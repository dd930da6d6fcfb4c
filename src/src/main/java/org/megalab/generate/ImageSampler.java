package org.megalab.generate;

import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.megalab.data.ImageScan;

/**
 * Draws pictures with a model that was trained on the bytes of images.
 *
 * <pre>
 * var sampler = new ImageSampler(new Generator(model, sampling), ImageScan.ofPatchSize(64, 192));
 * Pictures.write(Pictures.grid(sampler.sample(16), 4, 1), Path.of("samples.png"));
 * </pre>
 *
 * <p>The scan must be that of training. An image that is longer than the model's context is gone on
 * with from the newest half of it. Of an interrupted image the rest is black.
 *
 * @param generator writes the bytes
 * @param scan the order in which the bytes of an image come
 */
public record ImageSampler(Generator generator, ImageScan scan) {

  /** Draws images from nothing. */
  public List<BufferedImage> sample(int count) {
    return after(Collections.nCopies(count, new byte[0]));
  }

  /**
   * Draws images that begin with the upper rows of another.
   *
   * @param image n by n pixels
   * @param rows how many rows are given, such as n/2; whole patches
   * @param count how many completions to draw
   * @throws IllegalArgumentException if the image has another size, or the rows are no whole
   *     patches of it
   */
  public List<BufferedImage> complete(BufferedImage image, int rows, int count) {
    return complete(Collections.nCopies(count, image), rows);
  }

  /**
   * Draws one completion of each image, all at once; errors as in the other {@code complete}.
   *
   * @param images each n by n pixels
   * @param rows how many rows are given
   */
  public List<BufferedImage> complete(List<BufferedImage> images, int rows) {
    if (rows < 0 || rows > scan.side() || rows % scan.patchSide() != 0) {
      throw new IllegalArgumentException(
          "%d of %d rows cannot be given: they must be whole patches, which are %d pixels high"
              .formatted(rows, scan.side(), scan.patchSide()));
    }
    int given = rows * (scan.length() / scan.side());
    return after(
        images.stream()
            .map(image -> Arrays.copyOf(scan.fromRaster(Pictures.raster(image)), given))
            .toList());
  }

  private List<BufferedImage> after(List<byte[]> prefixes) {
    int given = prefixes.get(0).length;
    List<Generation> written = generator.generate(prefixes, scan.length() - given);
    List<BufferedImage> images = new ArrayList<>();
    for (int i = 0; i < written.size(); i++) {
      byte[] sequence = Arrays.copyOf(prefixes.get(i), scan.length());
      byte[] bytes = written.get(i).bytes();
      System.arraycopy(bytes, 0, sequence, given, bytes.length);
      images.add(Pictures.image(scan.toRaster(sequence), scan.side()));
    }
    return images;
  }
}
