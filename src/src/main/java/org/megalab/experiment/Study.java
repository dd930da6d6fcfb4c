package org.megalab.experiment;

import ai.djl.Device;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.megalab.data.Dataset;
import org.megalab.json.RecordJson;

/**
 * An ablation study: arms that differ from one trial in what is named, each with several seeds and
 * the same budget, in one table with its error bars.
 *
 * <pre>
 * StudyResult result = Study.builder()
 *     .setName("patch-size")
 *     .setBase(MegabyteConfig.preset("tiny"))
 *     .setData(LearningTask.named("books").data())
 *     .setTraining(TrainingConfig.builder().setSteps(200).build())
 *     .setDirectory(Path.of("runs/patch-size"))
 *     .addGrid("patchSize", 4, 8, 16)
 *     .addArm(Arm.model("P=8, deep", MegabyteConfig.class,
 *         c -&gt; c.toBuilder().setPatchSize(8).setLocal(TransformerSize.of(64, 4, 4)).build()))
 *     .optSeeds(3)
 *     .optBudget(Budget.bytes(500_000))
 *     .build().run();
 * System.out.println(result.table().printAll());
 * </pre>
 *
 * <p>A study is its directory: {@code study.json} tells what it is, {@code table.csv} and {@code
 * runs.csv} what came of it so far, and {@code ARM/seed-N-HASH/} is the run of an arm with a seed.
 * The hash is that of the trial's text ({@link Trial#hash()}): a study that is run again, also
 * after its process was killed, or with arms more or less, repeats nothing, and a run that was half
 * done goes on from its newest checkpoint, on a CPU bit for bit. An arm that fails is a row with
 * its error; the others go on. Delete a run's folder to have it done again.
 *
 * <p>Runs at the same time ({@link StudyBuilder#optParallel}) give the numbers of runs one after
 * the other, bit for bit, as long as the engine has the same number of threads a run; models with
 * dropout take turns, since the engine has one source of random numbers.
 */
public final class Study {

  /** The file that tells what a study is. */
  public static final String FILE = "study.json";

  private static volatile Supplier<StudyListener> defaultListener =
      () -> new StudyText(System.out, 2);

  private final String name;
  private final Trial base;
  private final List<Arm> arms;
  private final String baseArm;
  private final List<Long> seeds;
  private final @Nullable Budget budget;
  private final int parallel;
  private final Device device;
  private final Path directory;
  private final StudyListener listener;
  private final List<StudyRun> runs = new ArrayList<>();

  Study(StudyBuilder builder, Trial base, List<Arm> arms, String baseArm, Path directory) {
    this.base = base;
    this.arms = List.copyOf(arms);
    this.baseArm = baseArm;
    this.directory = directory;
    name = builder.name();
    seeds = builder.seeds();
    budget = builder.budget(base);
    parallel = builder.parallel();
    device = builder.device();
    StudyListener watching = builder.listener();
    listener = watching == null ? defaultListener.get() : watching;
    for (long seed : seeds) {
      for (Arm arm : arms) {
        runs.add(StudyRun.of(this, arm, seed)); // a whole table early: seed after seed
      }
    }
  }

  /** Sets what watches studies that name no listener of their own; a notebook shows them live. */
  public static void setDefaultListener(Supplier<StudyListener> listener) {
    defaultListener = listener;
  }

  /** Returns a builder. */
  public static StudyBuilder builder() {
    return new StudyBuilder();
  }

  /**
   * Returns a builder that starts from a text form; the directory is still to be set.
   *
   * <pre>
   * {"name": "patch-size", "model": {"architecture": "megabyte", "preset": "tiny"}, "data": "books",
   *  "training": {"steps": 200}, "seeds": 3, "budget": {"bytes": 500000}, "base": "patchSize=8",
   *  "arms": {"P=4": {"patchSize": 4}}, "grid": {"patchSize": [8, 16]}}
   * </pre>
   *
   * {@code model} and {@code data} are required; {@code data} is a name of {@link LearningTask} or
   * of {@link org.megalab.data.Corpus#named}. {@code inference} and {@code parallel} may be there
   * too, {@code random} with arms of a {@link RandomSearch} ({@code {"arms": 8, "space":
   * {"patchSize": [4, 8], "training.learningRate": {"logarithmic": [1e-4, 1e-2]}}}}), and a {@code
   * budget} may be a text, as in {@link StudyBuilder#optEqual}.
   *
   * @throws org.megalab.json.ConfigException if the text is malformed or a key is unknown
   * @throws IllegalArgumentException if the data is not there
   */
  public static StudyBuilder builder(String json) {
    return StudyJson.read(RecordJson.parse(json), List.of());
  }

  /** Returns the study of a text form; errors as in {@link #builder(String)}. */
  public static Study ofJson(String json, Path directory) {
    return builder(json).setDirectory(directory).build();
  }

  /**
   * Opens a study by its directory alone; {@link #run()} goes on with it, {@link #result()} reads
   * what there is.
   *
   * @throws IllegalArgumentException if there is none, or its data is not at hand
   */
  public static Study open(Path directory) {
    return open(directory, List.of());
  }

  /** Opens a study of data of your own; errors as in {@link #open(Path)}. */
  public static Study open(Path directory, Dataset data) {
    return open(directory, List.of(data));
  }

  private static Study open(Path directory, List<Dataset> atHand) {
    Path file = directory.resolve(FILE);
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException(
          directory.toAbsolutePath() + " holds no study: there is no " + FILE + " in it");
    }
    try {
      return StudyJson.read(RecordJson.parse(Files.readString(file)), atHand)
          .setDirectory(directory)
          .build();
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be read: " + e, e);
    }
  }

  /**
   * Trains and judges what is not complete yet. An interrupt of the thread ends the study after the
   * step under way; running it again goes on from there.
   *
   * @return what came of it
   */
  public StudyResult run() {
    return new StudySession(this).run();
  }

  /** Returns what the directory holds so far, without training anything. */
  public StudyResult result() {
    return new StudySession(this).result();
  }

  /** Returns how the study is called. */
  public String name() {
    return name;
  }

  /** Returns the trial that the arms change. */
  public Trial base() {
    return base;
  }

  /** Returns the arms. */
  public List<Arm> arms() {
    return arms;
  }

  /** Returns the name of the arm that the differences refer to. */
  public String baseArm() {
    return baseArm;
  }

  /** Returns the seeds of every arm. */
  public List<Long> seeds() {
    return seeds;
  }

  /** Returns the directory. */
  public Path directory() {
    return directory;
  }

  /** Returns the text form, which {@link #open} reads; changes that are code are written out. */
  public String toJson() {
    return RecordJson.format(StudyJson.tree(this));
  }

  /** The same study of other arms, with another budget, elsewhere. */
  Study with(List<Arm> others, Budget other, Path elsewhere) {
    return builder()
        .setName(name)
        .setBase(base.model())
        .setData(base.data())
        .setTraining(base.training())
        .optInference(base.inference())
        .setDirectory(elsewhere)
        .addArms(others)
        .optSeeds(seeds.stream().mapToLong(Long::longValue).toArray())
        .optBudget(other)
        .optParallel(parallel)
        .optDevice(device)
        .optListener(listener)
        .build();
  }

  @Nullable Budget budget() {
    return budget;
  }

  double secondsLimit() {
    return budget == null ? Double.POSITIVE_INFINITY : budget.secondsLimit();
  }

  int parallel() {
    return parallel;
  }

  Device device() {
    return device;
  }

  StudyListener listener() {
    return listener;
  }

  List<StudyRun> runs() {
    return runs;
  }

  /** A folder for an arm, whatever its name. */
  static String folderName(String arm) {
    return arm.replaceAll("[^A-Za-z0-9=,+_.-]+", "_").replaceFirst("^\\.", "_");
  }
}
