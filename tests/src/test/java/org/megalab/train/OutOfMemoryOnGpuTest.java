package org.megalab.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.megalab.Gpu;
import org.megalab.OnGpu;
import org.megalab.data.Corpus;
import org.megalab.model.ModelConfig;
import org.megalab.model.SequenceModel;
import org.megalab.torchscript.DeviceMemoryException;
import org.megalab.torchscript.Tensors;

/**
 * The GPU is filled but for a few MiB, and training steps are tried with a little more left each
 * time: they fail in the forward pass, in the backward pass and in the optimizer, until one fits.
 */
@OnGpu
class OutOfMemoryOnGpuTest extends TrainingFixture {

  private static final long MEBIBYTE = 1 << 20;

  @ParameterizedTest
  @ValueSource(strings = {"llama", "megabyte", "megalodon"})
  void everyFailureIsOneOfMemoryAndTheSessionGoesOn(String architecture) {
    assumeTrue(Gpu.device().isGpu(), "a rehearsal has no GPU to fill");
    ModelConfig config = ModelConfig.preset(architecture, "tiny");
    List<Double> expected = new ArrayList<>();
    try (SequenceModel model = Gpu.model(config, Gpu.device())) {
      training(model, 8, "alone", expected).run();
    }
    TreeSet<String> messages = new TreeSet<>();
    try (SequenceModel model = Gpu.model(config, Gpu.device());
        NDManager ballast = NDManager.newBaseManager(Gpu.device())) {
      int arrays = Gpu.arrays();
      boolean fits = false;
      for (long left = 16; !fits; left = left * 5 / 4) {
        Tensors.releaseUnused(Gpu.device());
        long bytes = Gpu.freeBytes() - left * MEBIBYTE;
        assertThat(bytes).as("a batch of 512 fits in the end").isPositive();
        try (NDManager filling = ballast.newSubManager()) {
          filling.zeros(new Shape(bytes), DataType.INT8);
          training(model, 512, "left" + left, new ArrayList<>()).run();
          fits = true;
        } catch (DeviceMemoryException e) {
          messages.add(e.getMessage().replaceAll("[0-9.]+ (bytes|[KMG]iB)", "…"));
          assertThat(e.getMessage()).contains("GPU 0 is full").contains("Try ");
          assertThat(e.place()).isEqualTo("GPU 0");
          assertThat(e.totalBytes()).isGreaterThan(e.freeBytes());
        }
        assertThat(Gpu.arrays()).isEqualTo(arrays);
      }
    }
    messages.forEach(System.out::println);
    assertThat(messages).isNotEmpty();
    // What failed has left nothing behind: a model of the same seed trains as one did alone.
    List<Double> found = new ArrayList<>();
    try (SequenceModel model = Gpu.model(config, Gpu.device())) {
      training(model, 8, "after", found).run();
    }
    assertThat(found).hasSameSizeAs(expected).isNotEmpty();
    for (int i = 0; i < found.size(); i++) {
      assertThat(found.get(i)).isCloseTo(expected.get(i), within(1e-4));
    }
  }

  /** A step whose memory was short leaves gradients of zero, and the model where it was. */
  @ParameterizedTest
  @ValueSource(strings = {"llama", "megabyte", "megalodon"})
  void theSameModelTrainsOnWithASmallerBatch(String architecture) {
    assumeTrue(Gpu.device().isGpu(), "a rehearsal has no GPU to fill");
    ModelConfig config = ModelConfig.preset(architecture, "tiny");
    List<Double> expected = new ArrayList<>();
    try (SequenceModel model = Gpu.model(config, Gpu.device())) {
      training(model, 8, "alone", expected).run();
    }
    List<Double> found = new ArrayList<>();
    try (SequenceModel model = Gpu.model(config, Gpu.device())) {
      boolean failed = false;
      try (NDManager filling = NDManager.newBaseManager(Gpu.device())) {
        Tensors.releaseUnused(Gpu.device());
        filling.zeros(new Shape(Gpu.freeBytes() - 400 * MEBIBYTE), DataType.INT8);
        training(model, 1024, "large", new ArrayList<>()).run();
      } catch (DeviceMemoryException e) {
        System.out.println(e.getMessage());
        failed = true;
      }
      assertThat(failed).isTrue();
      training(model, 8, "small", found).run();
    }
    for (int i = 0; i < expected.size(); i++) {
      assertThat(found.get(i)).isCloseTo(expected.get(i), within(1e-4));
    }
  }

  private Training training(SequenceModel model, int batch, String name, List<Double> losses) {
    Corpus books =
        Corpus.of("books", Corpus.shipped("books").train().documents(), List.of(), List.of());
    return Training.builder()
        .setModel(model)
        .setData(books)
        .setConfig(
            TrainingConfig.builder().setSteps(3).optBatchSize(batch).optWarmupSteps(1).build())
        .setDirectory(folder.resolve(name))
        .optListener(progress -> losses.add(progress.loss()))
        .build();
  }
}
