package org.megalab.experiment;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.megalab.data.AudioCorpus;
import org.megalab.data.Corpus;
import org.megalab.data.Dataset;
import org.megalab.data.Example;
import org.megalab.data.ExampleSet;
import org.megalab.data.Examples;
import org.megalab.data.ImageCorpus;
import org.megalab.data.ListOps;
import org.megalab.data.Mnist;
import org.megalab.data.Numbers;
import org.megalab.data.ShippedData;
import org.megalab.data.SpeechCommands;
import org.megalab.data.Split;
import org.megalab.data.file.Document;
import org.megalab.model.ClassifierConfig;
import org.megalab.model.ModelConfig;
import org.megalab.model.TrainableConfig;

/**
 * A task of the papers at notebook size, on the data that ships: what is learned, and how long a
 * sequence is. The full-size task is the same data set from its public files, with other lengths.
 *
 * @param name how the task is called on the command line and in tables
 * @param about what it is, in a few words
 * @param data what is learned
 * @param length the bytes of a window, or of the longest example with its answer
 * @param stride windows begin at multiples of it
 */
public record LearningTask(String name, String about, Dataset data, int length, int stride) {

  /** The bytes of the validation split that are scored. */
  private static final int SCORED = 1 << 16;

  private static final int TEXT_WINDOW = 256;
  private static final int IMAGE_SIDE = 64;
  private static final int IMAGE_WINDOW = 768;
  private static final int AUDIO_WINDOW = 512;
  private static final int DECIMATION = 8;

  private static final Map<String, Supplier<LearningTask>> TASKS = new LinkedHashMap<>();

  static {
    TASKS.put("books", () -> text("books", "byte language modelling of novels"));
    TASKS.put("code", () -> text("code", "byte language modelling of Java source files"));
    TASKS.put("latex", () -> text("latex", "byte language modelling of LaTeX"));
    TASKS.put("photos-patches", () -> photos("photos-patches", "patch by patch", 2));
    TASKS.put("photos-raster", () -> photos("photos-raster", "row by row", 1));
    TASKS.put("audio", LearningTask::audio);
    TASKS.put("fashion-mnist", LearningTask::fashionMnist);
    TASKS.put("speech", LearningTask::speech);
    TASKS.put("listops", LearningTask::listOps);
  }

  /** Returns the names of all tasks. */
  public static List<String> names() {
    return List.copyOf(TASKS.keySet());
  }

  /**
   * Returns a task.
   *
   * @throws IllegalArgumentException if there is none of that name, or its data is not there
   */
  public static LearningTask named(String name) {
    Supplier<LearningTask> task = TASKS.get(name);
    if (task == null) {
      throw new IllegalArgumentException(
          "there is no task \"" + name + "\"; there are " + TASKS.keySet());
    }
    return task.get();
  }

  /**
   * Returns a configuration fitted to the task: a context as long as its sequences; a classifier
   * with its classes and its kind of input.
   *
   * @throws IllegalArgumentException if a classifier is to learn what has no classes
   */
  public TrainableConfig fitted(TrainableConfig config) {
    if (config instanceof ModelConfig model) {
      return model.withContextLength(length);
    }
    if (config instanceof ClassifierConfig classifier
        && data instanceof ExampleSet examples
        && !examples.classes().isEmpty()) {
      boolean symbols = examples.numbers().format() == Numbers.Format.SYMBOL;
      return classifier.toBuilder()
          .setClasses(examples.classes().size())
          .optInput(symbols ? ClassifierConfig.Input.SYMBOLS : ClassifierConfig.Input.REAL)
          .build();
    }
    throw new IllegalArgumentException("a classifier cannot learn " + name + ": no classes");
  }

  private static Path folder(String name) {
    return ShippedData.require().folder().resolve(name);
  }

  private static LearningTask text(String name, String about) {
    return new LearningTask(name, about, scored(name, Corpus.named(name)), TEXT_WINDOW, 1);
  }

  private static LearningTask photos(String name, String order, int patchSide) {
    Corpus photos = ImageCorpus.open(folder("photos64"), patchSide);
    return new LearningTask(
        name,
        "density of %d×%d photos, %s".formatted(IMAGE_SIDE, IMAGE_SIDE, order),
        scored(name, photos),
        IMAGE_WINDOW,
        IMAGE_WINDOW);
  }

  private static LearningTask audio() {
    Corpus voices = AudioCorpus.open(folder("speech/voices"));
    return new LearningTask(
        "audio", "density of raw speech, µ-law at 8 kHz", scored("audio", voices), AUDIO_WINDOW, 1);
  }

  private static LearningTask fashionMnist() {
    ExampleSet set = Mnist.fashion(folder("fashion-mnist"));
    return new LearningTask(
        "fashion-mnist", "classes of 28×28 pictures, pixel by pixel", set, 28 * 28 + 1, 1);
  }

  private static LearningTask speech() {
    ExampleSet clips = SpeechCommands.open(folder("speech/voices"));
    ExampleSet set =
        new ExampleSet(
            "speech",
            clips.classes(),
            Numbers.pixels(0.5, 0.5),
            decimated(clips.train(), clips),
            decimated(clips.validation(), clips),
            decimated(clips.test(), clips));
    int length = set.train().get(0).input().length + 1;
    return new LearningTask(
        "speech", "the language of a clip of raw speech, one second at 1 kHz", set, length, 1);
  }

  /** Means of so many samples, as bytes 0 … 255 for −1 … 1. */
  private static Examples decimated(Examples examples, ExampleSet set) {
    return Examples.of(
        examples.size(),
        index -> {
          Example example = examples.get(index);
          float[] samples = set.numbers().of(example.input());
          byte[] means = new byte[samples.length / DECIMATION];
          for (int t = 0; t < means.length; t++) {
            double sum = 0;
            for (int i = 0; i < DECIMATION; i++) {
              sum += samples[t * DECIMATION + i];
            }
            means[t] = (byte) Math.round(255 * (sum / DECIMATION + 1) / 2);
          }
          return new Example(means, example.target());
        });
  }

  private static LearningTask listOps() {
    int longest = 120;
    ExampleSet set = ListOps.ofLength(20, longest).examples(20_000, 400, 400, 1);
    return new LearningTask(
        "listops", "values of nested expressions of 20 to 120 symbols", set, longest + 1, 1);
  }

  /** The corpus with the first bytes of its validation split. */
  private static Corpus scored(String name, Corpus corpus) {
    List<Document> documents = new ArrayList<>();
    long left = SCORED;
    for (Document document : corpus.validation().documents()) {
      if (left > 0) {
        int count = (int) Math.min(left, document.length());
        documents.add(Document.of(document.name(), document.read(0, count)));
        left -= count;
      }
    }
    return new Corpus(
        name, corpus.train(), new Split("validation", documents), corpus.test(), corpus.folder());
  }
}
