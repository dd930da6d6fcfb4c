package org.megalab.magics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.megalab.data.Corpus;
import org.megalab.data.Split;
import org.megalab.evaluate.BitsPerByte;
import org.megalab.evaluate.ContextCurve;
import org.megalab.evaluate.EvaluationListener;
import org.megalab.evaluate.Inference;
import org.megalab.evaluate.PositionLoss;
import org.megalab.evaluate.WordPerplexity;

/** {@code %evaluate}: costs, and what they depend on. */
class EvaluateMagicTest extends MagicsFixture {

  @ParameterizedTest
  @ValueSource(strings = {"train", "VALIDATION", "test"})
  void evaluateMeasuresASplit(String split) throws Exception {
    BitsPerByte cost = (BitsPerByte) line("evaluate", "--split", split);
    Corpus corpus = corpus();
    var expected =
        switch (split.toLowerCase(Locale.ROOT)) {
          case "train" -> corpus.train();
          case "test" -> corpus.test();
          default -> corpus.validation();
        };
    assertThat(cost.bytes()).isEqualTo(expected.bytes());
    assertThat(cost.value()).isEqualTo(BitsPerByte.of(model(), expected).value());
    assertThat(last("text/html")).contains(">all<");
  }

  @ParameterizedTest
  @ValueSource(strings = {"sliding", "strided", "BOTH"})
  void evaluateTakesAnInference(String name) throws Exception {
    BitsPerByte cost = (BitsPerByte) line("evaluate", "--inference", name);
    Inference inference = Inference.valueOf(name.toUpperCase(Locale.ROOT));
    assertThat(cost.bytes()).isEqualTo(corpus().validation().bytes());
    assertThat(cost.value())
        .isEqualTo(BitsPerByte.of(model(), corpus().validation(), inference).value())
        .isNotEqualTo(BitsPerByte.of(model(), corpus().validation()).value());
  }

  @Test
  void evaluateDefaultsToValidation() throws Exception {
    BitsPerByte cost = (BitsPerByte) line("evaluate");
    assertThat(cost.value()).isEqualTo(BitsPerByte.of(model(), corpus().validation()).value());
  }

  @Test
  void evaluateCountsWords() throws Exception {
    BitsPerByte cost = BitsPerByte.of(model(), corpus().validation());
    WordPerplexity counted = (WordPerplexity) line("evaluate", "--words");
    assertThat(counted.all().words()).isEqualTo(12 * 6); // "validation: one two three – four."
    assertThat(counted.value()).isEqualTo(WordPerplexity.of(cost, 72).value());
    assertThat(last("text/html")).contains("word perplexity", ">all<");
    WordPerplexity given = (WordPerplexity) line("evaluate", "--words=50", "--split=test");
    assertThat(given.all().words()).isEqualTo(50);
  }

  @Test
  void evaluateDrawsCurvesOfTheContext() throws Exception {
    Split split = corpus().validation();
    ContextCurve prefixes = (ContextCurve) line("evaluate", "--context", "8..64");
    assertThat(prefixes)
        .isEqualTo(
            ContextCurve.prefixes(
                model(), split, new long[] {8, 16, 32, 64}, EvaluationListener.NONE));
    assertThat(prefixes.points().get(3).bitsPerByte()).as("beyond the context").isNaN();
    assertThat(as(kernel.shown.get(0), "text/html")).contains("perplexity", ">16<");
    assertThat(last("image/png")).startsWith("iVBORw0KGgo");
    ContextCurve windows =
        (ContextCurve) line("evaluate", "--windows=16,32", "--inference=strided");
    assertThat(windows.points().get(1).bitsPerByte())
        .isCloseTo(BitsPerByte.of(model(), split, Inference.STRIDED).value(), within(1e-9));
    assertThat(last("image/png")).startsWith("iVBORw0KGgo");
  }

  @ParameterizedTest
  @ValueSource(strings = {"context", "PATCH"})
  void evaluateDrawsTheLossByPosition(String where) throws Exception {
    PositionLoss loss = (PositionLoss) line("evaluate", "--positions", where);
    assertThat(loss.bins()).hasSize(where.equals("PATCH") ? 8 : 6);
    assertThat(loss.bins().stream().mapToLong(PositionLoss.Bin::bytes).sum())
        .isEqualTo(corpus().validation().bytes());
    assertThat(as(kernel.shown.get(0), "text/html")).contains("standard error");
    assertThat(last("image/png")).startsWith("iVBORw0KGgo");
  }

  @Test
  void lengthsHaveUnits() {
    assertThat(EvaluateMagic.lengths("4K..2M")).hasSize(10).startsWith(4096).endsWith(2 << 20);
    assertThat(EvaluateMagic.lengths("100, 1k")).containsExactly(100, 1024);
  }
}
