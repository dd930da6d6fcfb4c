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
 *     .setTraining(TrainingConfig.builder().setSteps(400).optBatchSize(2).build())
 *     .setDirectory(Path.of("runs/patch-size"))
 *     .addGrid("patchSize", 4, 8, 16)
 *     .addArm(Arm.model("P=8, deep", MegabyteConfig.class,
 *         c -&gt; c.toBuilder().setPatchSize(8).setLocal(TransformerSize.of(64, 4, 4)).build()))
 *     .optSeeds(3)
 *     .optBudget(Budget.bytes(200_000))
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

  /** File systems allow 255 bytes; runs of arms that begin alike differ in their hash. */
  private static final int LONGEST_FOLDER = 100;

  private static volatile Supplier<StudyListener> defaultListener =
      () -> new StudyText(System.out, 2);

  private final StudyPlan plan;
  private final Path directory;
  private final Device device;
  private final StudyListener listener;
  private final List<StudyRun> runs = new ArrayList<>();

  Study(StudyPlan plan, Path directory, Device device, @Nullable StudyListener listener) {
    this.plan = plan;
    this.directory = directory;
    this.device = device;
    this.listener = listener == null ? defaultListener.get() : listener;
    for (long seed : plan.seeds()) {
      for (Arm arm : plan.arms()) {
        runs.add(StudyRun.of(plan, arm, seed)); // a whole table early: seed after seed
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
   *  "training": {"steps": 400, "batchSize": 2}, "seeds": 3, "budget": {"bytes": 200000}, "base": "patchSize=8",
   *  "arms": {"P=4": {"patchSize": 4}}, "grid": {"patchSize": [8, 16]}}
   * </pre>
   *
   * {@code model} and {@code data} are required; {@code data} is a name of {@link LearningTask} or
   * of {@link org.megalab.data.Corpus#named}. {@code inference} and {@code parallel} may be there
   * too, {@code random} with arms of a {@link RandomSearch} ({@code {"arms": 8, "space":
   * {"patchSize": [4, 8], "training.learningRate": {"logarithmic": [1e-4, 1e-2]}}}}), a {@code
   * budget} may be a text, as in {@link StudyBuilder#optEqual}, and {@code halving} takes its place
   * in a search by {@link SuccessiveHalving} ({@code {"budget": {"bytes": 20000}, "eta": 2}}).
   *
   * @throws org.megalab.json.ConfigException if the text is malformed or a key is unknown
   * @throws IllegalArgumentException if the data is not there
   */
  public static StudyBuilder builder(String json) {
    return StudyJson.read(RecordJson.parse(json), List.of());
  }

  /** The same of a text form that names no data, or this by its name and sizes. */
  public static StudyBuilder builder(String json, Dataset data) {
    return StudyJson.read(RecordJson.parse(json), List.of(data));
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
   * @return what came of it; of a {@link SuccessiveHalving} its newest rung, with the search
   */
  public StudyResult run() {
    Outcome.writeAtomically(directory.resolve(FILE), toJson());
    SuccessiveHalving halving = plan.halving();
    StudyResult result = halving == null ? new StudySession(this).run() : halving.of(this, true);
    boolean interrupted = Thread.interrupted(); // what is shown must not be cut short
    listener.onResult(result);
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return result;
  }

  /** Returns what the directory holds so far, without training anything. */
  public StudyResult result() {
    SuccessiveHalving halving = plan.halving();
    return halving == null ? new StudySession(this).result() : halving.of(this, false);
  }

  /** Returns how the study is called. */
  public String name() {
    return plan.name();
  }

  /** Returns the trial that the arms change. */
  public Trial base() {
    return plan.base();
  }

  /** Returns the arms. */
  public List<Arm> arms() {
    return plan.arms();
  }

  /** Returns the name of the arm that the differences refer to. */
  public String baseArm() {
    return plan.baseArm();
  }

  /** Returns the seeds of every arm. */
  public List<Long> seeds() {
    return plan.seeds();
  }

  /** Returns the directory. */
  public Path directory() {
    return directory;
  }

  /** Returns the text form, which {@link #open} reads; changes that are code are written out. */
  public String toJson() {
    return RecordJson.format(StudyJson.tree(plan));
  }

  StudyPlan plan() {
    return plan;
  }

  /** A rung of the search that this is. */
  Study rung(Path elsewhere, int rung, List<Arm> left, Budget each) {
    return new Study(plan.rung(rung, left, each), elsewhere, device, listener);
  }

  double secondsLimit() {
    Budget budget = plan.budget();
    return budget == null ? Double.POSITIVE_INFINITY : budget.secondsLimit();
  }

  int parallel() {
    return plan.parallel();
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
    String name = arm.replaceAll("[^A-Za-z0-9=,+_.-]+", "_").replaceFirst("^\\.", "_");
    return name.substring(0, Math.min(name.length(), LONGEST_FOLDER));
  }
}
