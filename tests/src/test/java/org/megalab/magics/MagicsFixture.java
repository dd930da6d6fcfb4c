package org.megalab.magics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.spencerpark.jupyter.kernel.display.DisplayData;
import io.github.spencerpark.jupyter.kernel.display.mime.MIMEType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.megalab.data.Corpus;
import org.megalab.model.SequenceModel;
import org.megalab.train.Run;
import org.megalab.train.Training;
import org.megalab.train.TrainingListener;

/** A stock kernel with the magics, a small text {@code corpus} and a small {@code model}. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(120)
abstract class MagicsFixture {

  /** 32 bytes of context, four patches of 8. */
  static final String TINY =
      """
      {"contextLength": 32, "patchSize": 8,
       "global": {"modelDim": 16, "layers": 1, "heads": 2},
       "local": {"modelDim": 8, "layers": 1, "heads": 2}}
      """;

  Path folder;
  StockKernel kernel;
  private final PrintStream realOut = System.out;
  private ByteArrayOutputStream printed = new ByteArrayOutputStream();

  @BeforeAll
  void installMagics(@TempDir Path temporary) throws Exception {
    folder = temporary;
    kernel = new StockKernel();
    Megalab.install(kernel);
    Path text = text(folder.resolve("text"));
    line("dataset", text.toString());
    cell("model", TINY, "megabyte", "--preset", "tiny");
  }

  @AfterAll
  void close() throws Exception {
    variable("model", SequenceModel.class).close();
    kernel.close();
    Training.setDefaultListener(() -> TrainingListener.NONE);
  }

  @BeforeEach
  void capture() {
    printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    kernel.shown.clear();
    kernel.updates.clear();
  }

  @AfterEach
  void release() {
    System.setOut(realOut);
  }

  /** A folder in the layout of a corpus, with a few hundred bytes in each split. */
  static Path text(Path root) throws IOException {
    for (String split : List.of("train", "validation", "test")) {
      Files.createDirectories(root.resolve(split));
      Files.writeString(
          root.resolve(split).resolve("a.txt"), (split + ": one two three – four.\n").repeat(12));
    }
    return root;
  }

  Object line(String name, String... arguments) throws Exception {
    return kernel.getMagics().applyLineMagic(name, List.of(arguments));
  }

  Object cell(String name, String body, String... arguments) throws Exception {
    return kernel.getMagics().applyCellMagic(name, List.of(arguments), body);
  }

  /** Runs a line magic that must fail, and returns its message. */
  String failure(String name, String... arguments) {
    return message(catchThrowable(() -> line(name, arguments)));
  }

  /** Runs a cell magic that must fail, and returns its message. */
  String cellFailure(String name, String body, String... arguments) {
    return message(catchThrowable(() -> cell(name, body, arguments)));
  }

  private static String message(Throwable thrown) {
    assertThat(thrown).isInstanceOf(RuntimeException.class);
    return thrown.getMessage();
  }

  /** Trains, and returns what the variable {@code run} holds then. */
  Run train(String... arguments) throws Exception {
    line("train", arguments);
    return variable("run", Run.class);
  }

  Run trainTwoSteps(String name) throws Exception {
    return train("--steps", "2", "--batch-size", "2", "--run", folder.resolve(name).toString());
  }

  /** The live value of a variable of the notebook. */
  <T> T variable(String name, Class<T> type) throws Exception {
    Object value = kernel.evalRaw(name);
    assertThat(value).as(name).isInstanceOf(type);
    return type.cast(value);
  }

  Corpus corpus() throws Exception {
    return variable("corpus", Corpus.class);
  }

  SequenceModel model() throws Exception {
    return variable("model", SequenceModel.class);
  }

  String stdout() {
    return printed.toString(StandardCharsets.UTF_8);
  }

  /** What the newest display shows in a form. */
  String last(String mimeType) {
    assertThat(kernel.shown).isNotEmpty();
    return as(kernel.shown.get(kernel.shown.size() - 1), mimeType);
  }

  static String as(DisplayData data, String mimeType) {
    Object value = data.getData(MIMEType.parse(mimeType));
    return value == null ? "" : value.toString();
  }
}
