package org.megalab.kernel;

import io.github.spencerpark.jupyter.kernel.BaseKernel;
import io.github.spencerpark.jupyter.kernel.LanguageInfo;
import io.github.spencerpark.jupyter.kernel.ReplacementOptions;
import io.github.spencerpark.jupyter.kernel.display.DisplayData;
import io.github.spencerpark.jupyter.kernel.history.HistoryManager;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import jdk.jshell.JShell;
import org.jspecify.annotations.Nullable;
import org.megalab.magics.Megalab;
import picocli.CommandLine;

/**
 * A Java kernel with the notebook functions, magics and environment variables of IJava.
 *
 * <p>{@link #getMagics} and {@link #evalRaw} have the names and meaning that they have there, so
 * magics written for IJava run unchanged.
 */
public final class JavaKernel extends BaseKernel {
  /** Imported before the first cell. */
  public static final List<String> DEFAULT_IMPORTS =
      List.of(
          "static org.megalab.kernel.NotebookFunctions.*",
          "java.io.*",
          "java.math.*",
          "java.nio.file.*",
          "java.util.*",
          "java.util.concurrent.*",
          "java.util.function.*",
          "java.util.regex.*",
          "java.util.stream.*");

  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "kernel-timer");
            thread.setDaemon(true);
            return thread;
          });
  private final CellThread cells = new CellThread(timer);
  private final MagicRegistry magics = new MagicRegistry();
  private final LoadedLibraries libraries = new LoadedLibraries();
  private final History history = new History();
  private final KernelSettings settings;
  private final CompletableFuture<Evaluator> started = new CompletableFuture<>();
  private volatile @Nullable String lastDisplayId;
  private final CompletableFuture<@Nullable Megalab> installed = new CompletableFuture<>();
  private final List<String> startProblems = new CopyOnWriteArrayList<>();
  private volatile int cellNumber;

  JavaKernel(KernelSettings settings) {
    this.settings = settings;
    startProblems.addAll(settings.problems());
    setShouldReplaceStdStreams(false);
    NotebookFunctions.bind(this);
  }

  /**
   * Starts JShell, installs magics and runs the startup scripts, on the cell thread.
   *
   * @param streamsReady done when what the scripts print has somewhere to go
   */
  void start(CompletableFuture<?> streamsReady) {
    cells.execute(
        () -> {
          try {
            Evaluator evaluator = new Evaluator(cells, settings.compilerOptions());
            settings.addedPaths().forEach(evaluator::addToClasspath);
            DEFAULT_IMPORTS.forEach(each -> evaluator.shell().eval("import " + each + ";"));
            started.complete(evaluator);
            cells.setStarted();
            streamsReady.join();
            installed.complete(withMagicsOfTheKernel(Megalab.install(this)));
            settings.startupScripts().forEach(this::runAtStart);
            if (!cells.isAwaited()) { // if nobody waits: loads what the first cell needs
              evaluator.eval("1 + 1", "", 0);
            }
          } catch (Throwable e) { // whatever fails, cells must be able to tell
            if (!started.completeExceptionally(e)) {
              startProblems.add(String.valueOf(e));
            }
            System.err.println("The kernel's start failed: " + e);
          } finally {
            installed.complete(null);
          }
        });
  }

  private void runAtStart(String script) {
    try {
      evalRaw(script);
    } catch (Exception e) {
      startProblems.add("a startup script: " + e.getMessage());
    }
  }

  /**
   * Fails, once, if something went wrong while the kernel started.
   *
   * @throws CellFailure in place of the first cell
   */
  void reportStart() throws CellFailure {
    if (startProblems.isEmpty()) {
      return;
    }
    List<String> lines = new ArrayList<>();
    lines.add("The kernel has started without some of what was asked for:");
    lines.addAll(startProblems);
    lines.add("This cell was not run. Mend that and restart the kernel, or go on without.");
    startProblems.clear();
    throw new CellFailure("StartError", String.join("\n", lines), lines);
  }

  /** What compiles the cells; waits until it is there. */
  private Evaluator evaluator() {
    try {
      return started.join();
    } catch (CompletionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new IllegalStateException(
          "The kernel could not start: %s. Options of IJAVA_COMPILER_OPTS must be those of javac."
              .formatted(cause.getMessage()),
          cause);
    }
  }

  private Megalab withMagicsOfTheKernel(Megalab megalab) {
    megalab.add("maven", "brings libraries: %maven group:name:version", () -> new MavenMagic(this));
    megalab.add("classpath", "adds jars and folders: %classpath lib/*.jar", this::classPathMagic);
    megalab.add("jars", "the same under IJava's name", this::classPathMagic);
    megalab.add("reset", "lets go of variables and results", () -> new ResetMagic(this));
    return megalab;
  }

  private ClassPathMagic classPathMagic() {
    return new ClassPathMagic(this);
  }

  CellThread cells() {
    return cells;
  }

  ScheduledExecutorService timer() {
    return timer;
  }

  KernelSettings settings() {
    return settings;
  }

  /** Where magics are registered. */
  public MagicRegistry getMagics() {
    return magics;
  }

  /** What runs the cells; magics list its variables. */
  public JShell getShell() {
    return evaluator().shell();
  }

  /** Adds a folder or jar file for the cells that follow. */
  public void addToClasspath(String path) {
    Evaluator evaluator = evaluator();
    cells.uninterrupted(() -> evaluator.addToClasspath(path));
  }

  LoadedLibraries libraries() {
    return libraries;
  }

  /**
   * Lets go of what cells computed.
   *
   * @param resultsOnly whether variables stay
   * @return the names of what was dropped
   */
  List<String> reset(boolean resultsOnly) throws Exception {
    List<String> dropped = evaluator().reset(resultsOnly);
    Megalab megalab = installed.join();
    if (megalab != null) {
      megalab.forget(dropped);
    }
    return dropped;
  }

  /**
   * Runs a cell's text and returns the live value of its last expression, or null.
   *
   * @throws Exception what the code throws or why it does not compile, as the cell would report it
   */
  public @Nullable Object evalRaw(String code) throws Exception {
    return evaluate(code).object();
  }

  @Override
  @SuppressWarnings("ReferenceEquality") // the very string that display() returned
  public @Nullable DisplayData eval(String code) throws Exception {
    Evaluator.Value value = evaluate(code);
    Object object = value.object();
    if (!value.shown() || object == null || object == lastDisplayId) {
      return null;
    }
    return cells.user(() -> NotebookFunctions.render(object));
  }

  private Evaluator.Value evaluate(String code) throws Exception {
    Evaluator evaluator = evaluator();
    CellSource source = CellSource.parse(code, magics.lineNames()::contains);
    if (source instanceof CellSource.CellMagic magic) {
      cells.user(() -> magics.applyCellMagic(magic.name(), magic.arguments(), magic.body()));
      return Evaluator.Value.NONE;
    }
    String java = ((CellSource.Java) source).code();
    return evaluator.eval(java, code, cellNumber);
  }

  /** A display's id is not a result to show. */
  void rememberDisplay(String id) {
    lastDisplayId = id;
  }

  /** Takes the next execution count, or for a silent cell looks at it. */
  int beginCell(boolean silent) {
    cellNumber = silent ? executionCount.get() : executionCount.getAndIncrement();
    return cellNumber;
  }

  private Completion completion() {
    Evaluator evaluator = evaluator();
    installed.join(); // magics are known before the first cell
    return new Completion(evaluator, new MagicCompletion(magics, this::command));
  }

  private @Nullable CommandLine command(String display) {
    Megalab megalab = installed.join();
    return megalab == null ? null : megalab.command(display);
  }

  @Override
  public @Nullable DisplayData inspect(String code, int at, boolean extraDetail) {
    return completion().inspect(code, code.offsetByCodePoints(0, at));
  }

  @Override
  public ReplacementOptions complete(String code, int at) {
    ReplacementOptions options = completion().complete(code, code.offsetByCodePoints(0, at));
    return new ReplacementOptions(
        options.getReplacements(),
        code.codePointCount(0, options.getSourceStart()),
        code.codePointCount(0, options.getSourceEnd()));
  }

  @Override
  public String isComplete(String code) {
    if (code.stripLeading().startsWith("%%")) {
      return code.endsWith("\n\n") ? IS_COMPLETE_YES : "";
    }
    CellSource source = CellSource.parse(code, magics.lineNames()::contains);
    return source instanceof CellSource.Java java
        ? completion().isComplete(java.code(), IS_COMPLETE_YES, IS_COMPLETE_BAD)
        : IS_COMPLETE_YES;
  }

  @Override
  public HistoryManager getHistoryManager() {
    return history;
  }

  History history() {
    return history;
  }

  @Override
  public void interrupt() {
    cells.interrupt();
  }

  @Override
  public LanguageInfo getLanguageInfo() {
    return new LanguageInfo.Builder("Java")
        .version(Runtime.version().toString())
        .mimetype("text/x-java-source")
        .fileExtension(".jshell")
        .pygments("java")
        .codemirror("text/x-java")
        .build();
  }

  @Override
  public String getBanner() {
    return "Megalab: Java "
        + Runtime.version()
        + " with byte-level sequence models. %help lists the magics.";
  }
}
