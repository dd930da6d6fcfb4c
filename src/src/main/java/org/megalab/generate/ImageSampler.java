package org.megalab.generate;

import java.awt.image.BufferedImage;
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
    return after(new byte[0], count);
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
    if (rows < 0 || rows > scan.side() || rows % scan.patchSide() != 0) {
      throw new IllegalArgumentException(
          "%d of %d rows cannot be given: they must be whole patches, which are %d pixels high"
              .formatted(rows, scan.side(), scan.patchSide()));
    }
    byte[] sequence = scan.fromRaster(Pictures.raster(image));
    return after(Arrays.copyOf(sequence, rows * (scan.length() / scan.side())), count);
  }

  private List<BufferedImage> after(byte[] prefix, int count) {
    List<byte[]> prompts = Collections.nCopies(count, prefix);
    return generator.generate(prompts, scan.length() - prefix.length).stream()
        .map(
            generation -> {
              byte[] sequence = Arrays.copyOf(prefix, scan.length());
              byte[] bytes = generation.bytes();
              System.arraycopy(bytes, 0, sequence, prefix.length, bytes.length);
              return Pictures.image(scan.toRaster(sequence), scan.side());
            })
        .toList();
  }
}
