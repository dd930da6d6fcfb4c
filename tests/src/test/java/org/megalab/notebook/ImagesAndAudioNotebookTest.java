package org.megalab.notebook;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;

/** The notebook about photos and sounds: as it ships, and run with shorter trainings. */
class ImagesAndAudioNotebookTest extends NotebookContract {
  private static final String PHOTOS =
      "patch by patch ([\\d.]+) row by row ([\\d.]+) order 0 ([\\d.]+)";
  private static final String VOICES = "voices ([\\d.]+) order 0 ([\\d.]+) order 1 ([\\d.]+)";
  private static final String CLOTHES = "clothes right ([\\d.]+)";
  private static final String LANGUAGES = "languages right ([\\d.]+)";

  ImagesAndAudioNotebookTest() {
    super(
        "04-images-and-audio.ipynb",
        Map.of(
            "photoSteps = 480", "photoSteps = 4",
            "clothesSteps = 160", "clothesSteps = 4",
            "voiceSteps = 280", "voiceSteps = 8",
            "languageSteps = 100", "languageSteps = 2",
            "painter.sample(6)", "painter.sample(1)",
            "complete(photos, 32)", "complete(photos, 60)",
            "voice.sample(1, 1)", "voice.sample(1, 0.1)",
            "after(beginning, 1, 0.5)", "after(beginning, 1, 0.1)"));
  }

  @Override
  void shows(ExecutedNotebook notebook) {
    assertThat(notebook.holding("image/png")).isEqualTo(9);
    assertThat(notebook.htmlHolding("<audio controls src='data:audio/wav;base64,UklGR"))
        .isEqualTo(3);
    assertThat(notebook.htmlHolding("<table")).isGreaterThanOrEqualTo(3);
  }

  @Override
  void ran(ExecutedNotebook notebook) {
    double[] photos = notebook.numbers(PHOTOS);
    assertThat(photos[0]).isBetween(photos[2], 8.5); // hardly trained
    assertThat(photos[1]).isBetween(photos[2], 8.5);
    assertThat(notebook.numbers(VOICES)[0]).isBetween(6.0, 8.5);
    assertThat(notebook.numbers(CLOTHES)[0]).isBetween(0.0, 1.0);
    assertThat(notebook.numbers(LANGUAGES)[0]).isBetween(0.0, 1.0);
    assertThat(folder.resolve("runs")).isDirectory();
  }

  @Override
  void ships(ExecutedNotebook notebook) {
    double[] photos = notebook.numbers(PHOTOS);
    assertThat(photos[0]).as("bits per byte patch by patch").isLessThan(photos[1]);
    assertThat(photos[1]).as("bits per byte row by row").isLessThan(photos[2]);
    double[] voices = notebook.numbers(VOICES);
    assertThat(voices[0]).as("bits per byte of voices").isLessThan(voices[2]);
    assertThat(notebook.numbers(CLOTHES)[0]).as("clothes, chance is 0.1").isGreaterThan(0.5);
    assertThat(notebook.numbers(LANGUAGES)[0]).as("languages, chance is 0.2").isGreaterThan(0.4);
  }
}
