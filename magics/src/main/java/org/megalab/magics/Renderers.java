package org.megalab.magics;

import io.github.spencerpark.jupyter.kernel.display.Renderer;
import io.github.spencerpark.jupyter.kernel.display.mime.MIMEType;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import javax.imageio.ImageIO;
import org.knowm.xchart.internal.chartpart.Chart;
import org.megalab.data.Corpus;
import org.megalab.data.ExampleSet;
import org.megalab.data.Examples;
import org.megalab.data.Split;
import org.megalab.evaluate.BitsPerByte;
import org.megalab.evaluate.ContextCurve;
import org.megalab.evaluate.PositionLoss;
import org.megalab.evaluate.TextStatistics;
import org.megalab.evaluate.TrainingThroughput;
import org.megalab.evaluate.WordPerplexity;
import org.megalab.experiment.StudyResult;
import org.megalab.generate.Sound;
import org.megalab.model.ModelConfig;
import org.megalab.model.TrainableModel;
import org.megalab.plot.Figures;
import org.megalab.train.Run;
import tech.tablesaw.api.LongColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/**
 * How values look in a notebook: tables as HTML, charts as PNG (SVG on request), pictures as PNG,
 * sounds as players, models, runs and texts as tables; each with plain text for clients that show
 * nothing else.
 */
final class Renderers {

  private static final MIMEType PNG = MIMEType.parse("image/png");
  private static final MIMEType SVG = MIMEType.parse("image/svg+xml");

  private Renderers() {}

  static void register(Renderer renderer) {
    table(renderer, Table.class, table -> table);
    table(renderer, Run.class, Run::summary);
    table(renderer, StudyResult.class, StudyResult::table);
    table(renderer, BitsPerByte.class, Renderers::costs);
    table(renderer, ContextCurve.class, ContextCurve::table);
    table(renderer, PositionLoss.class, PositionLoss::table);
    table(renderer, TrainingThroughput.class, TrainingThroughput::table);
    table(renderer, WordPerplexity.class, WordPerplexity::table);
    table(renderer, TextStatistics.class, TextStatistics::table);
    table(renderer, Corpus.class, Renderers::splits);
    table(renderer, ExampleSet.class, Renderers::splits);
    table(renderer, TrainableModel.class, ModelSummary::of);
    picture(renderer);
    sound(renderer);
    renderer
        .createRegistration(ModelConfig.class)
        .preferring(MIMEType.TEXT_PLAIN)
        .register(
            (config, context) -> context.renderIfRequested(MIMEType.TEXT_PLAIN, config::toJson));
    renderer
        .createRegistration(Chart.class)
        .preferring(PNG)
        .supporting(SVG, MIMEType.TEXT_PLAIN)
        .register(
            (chart, context) -> {
              context.renderIfRequested(PNG, () -> base64(png(chart)));
              context.renderIfRequested(SVG, () -> Figures.svg(chart));
              context.renderIfRequested(MIMEType.TEXT_PLAIN, () -> text(chart));
            });
  }

  private static void picture(Renderer renderer) {
    renderer
        .createRegistration(BufferedImage.class)
        .preferring(PNG)
        .supporting(MIMEType.TEXT_PLAIN)
        .register(
            (image, context) -> {
              context.renderIfRequested(PNG, () -> base64(png(image)));
              context.renderIfRequested(
                  MIMEType.TEXT_PLAIN,
                  () -> "picture of %d x %d".formatted(image.getWidth(), image.getHeight()));
            });
  }

  /** A player with the sound in it, as PCM, since not every browser plays µ-law. */
  private static void sound(Renderer renderer) {
    renderer
        .createRegistration(Sound.class)
        .preferring(MIMEType.TEXT_HTML)
        .supporting(MIMEType.TEXT_PLAIN)
        .register(
            (sound, context) -> {
              context.renderIfRequested(
                  MIMEType.TEXT_HTML,
                  () ->
                      "<audio controls src='data:audio/wav;base64,%s'></audio>"
                          .formatted(base64(sound.pcm16().wav())));
              context.renderIfRequested(
                  MIMEType.TEXT_PLAIN,
                  () ->
                      String.format(
                          Locale.ROOT,
                          "sound of %.2f s at %d Hz",
                          sound.seconds(),
                          sound.sampleRate()));
            });
  }

  static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }

  private static byte[] png(BufferedImage image) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, "png", bytes);
    } catch (IOException e) {
      throw new UncheckedIOException("the picture cannot be encoded: " + e, e);
    }
    return bytes.toByteArray();
  }

  private static <T> void table(Renderer renderer, Class<T> type, Function<T, Table> view) {
    renderer
        .createRegistration(type)
        .preferring(MIMEType.TEXT_HTML)
        .supporting(MIMEType.TEXT_PLAIN)
        .register(
            (value, context) -> {
              Table table = view.apply(value);
              context.renderIfRequested(MIMEType.TEXT_HTML, () -> HtmlTable.of(table));
              context.renderIfRequested(MIMEType.TEXT_PLAIN, table::toString);
            });
  }

  static byte[] png(Chart<?, ?> chart) {
    return Figures.png(chart, chart.getWidth(), chart.getHeight());
  }

  private static String text(Chart<?, ?> chart) {
    return "chart \"" + chart.getTitle() + "\"";
  }

  private static Table costs(BitsPerByte cost) {
    Table table = cost.table();
    table.stringColumn(0).append(cost.complete() ? "all" : "all so far (interrupted)");
    table.longColumn(1).append(cost.bytes());
    table.doubleColumn(2).append(cost.value());
    return table;
  }

  private static Table splits(Corpus corpus) {
    StringColumn names = StringColumn.create("split");
    LongColumn documents = LongColumn.create("documents");
    LongColumn bytes = LongColumn.create("bytes");
    for (Split split : new Split[] {corpus.train(), corpus.validation(), corpus.test()}) {
      names.append(split.name());
      documents.append(split.documents().size());
      bytes.append(split.bytes());
    }
    return Table.create("corpus " + corpus.name(), names, documents, bytes);
  }

  private static Table splits(ExampleSet set) {
    StringColumn names = StringColumn.create("split", "train", "validation", "test");
    LongColumn examples = LongColumn.create("examples");
    LongColumn bytes = LongColumn.create("bytes of the first");
    for (Examples split : List.of(set.train(), set.validation(), set.test())) {
      examples.append(split.size());
      bytes.append(split.size() == 0 ? 0 : split.get(0).input().length);
    }
    String title = "examples %s, %d classes".formatted(set.name(), set.classes().size());
    return Table.create(title, names, examples, bytes);
  }
}
