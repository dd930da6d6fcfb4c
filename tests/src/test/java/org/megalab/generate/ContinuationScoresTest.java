package org.megalab.generate;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.megalab.generate.ContinuationScores.Score;
import org.megalab.model.ModelConfig;
import org.megalab.model.SequenceModel;

class ContinuationScoresTest {

  @ParameterizedTest
  @MethodSource("org.megalab.generate.BatchGenerationTest#configs")
  void costsAreThoseOfTheFullForward(ModelConfig config) {
    try (SequenceModel model = config.newModel().initialize(Device.cpu(), 4);
        NDManager manager = NDManager.newBaseManager()) {
      for (String prompt : List.of("", "the whale ")) {
        List<String> continuations = new ArrayList<>(List.of("is", "was a fish", "é"));
        for (int i = 0; i < 17; i++) { // more than are read at once
          continuations.add("n" + i);
        }
        ContinuationScores scores = ContinuationScores.of(model, prompt, continuations);
        for (int i = 0; i < continuations.size(); i++) {
          byte[] all = (prompt + continuations.get(i)).getBytes(UTF_8);
          float[] full = model.perByteLoss(SequenceModel.ids(manager, all)).toFloatArray();
          int given = prompt.length();
          double[] costs = scores.scores().get(i).costs();
          assertThat(costs).hasSize(all.length - given);
          double sum = 0;
          for (int t = 0; t < costs.length; t++) {
            assertThat(costs[t]).isCloseTo(full[given + t], within(2e-5));
            sum += full[given + t];
          }
          Score score = scores.scores().get(i);
          assertThat(score.nats()).isCloseTo(sum, within(1e-4));
          assertThat(score.logLikelihood()).isEqualTo(-score.nats());
          assertThat(score.bitsPerByte()).isCloseTo(sum / costs.length / Math.log(2), within(1e-4));
        }
        assertThat(scores.table().rowCount()).isEqualTo(20);
        assertThat(scores.table().stringColumn("continuation").get(2)).isEqualTo("é");
      }
    }
  }

  @Test
  void ofALongPromptTheNewestBytesCount() {
    try (SequenceModel model =
        BatchGenerationTest.MEGABYTE.newModel().initialize(Device.cpu(), 4)) {
      byte[] prompt = new byte[100];
      for (int i = 0; i < 100; i++) {
        prompt[i] = (byte) i;
      }
      List<byte[]> continuation = List.of("abcd".getBytes(UTF_8));
      double[] costs = ContinuationScores.of(model, prompt, continuation).scores().get(0).costs();
      byte[] newest = Arrays.copyOfRange(prompt, 80, 100); // 20 and 4 are the context
      assertThat(ContinuationScores.of(model, newest, continuation).scores().get(0).costs())
          .isEqualTo(costs);
      assertThatThrownBy(() -> ContinuationScores.of(model, prompt, List.of(new byte[25])))
          .hasMessageContaining("25")
          .hasMessageContaining("24");
      assertThatThrownBy(() -> ContinuationScores.of(model, "a", List.of("b", "")))
          .hasMessageContaining("no bytes");
      assertThatThrownBy(() -> ContinuationScores.of(model, "a", List.of()))
          .hasMessageContaining("0 continuations");
    }
  }

  @Test
  void theSumFavoursTheShortAndTheMeanDoesNot() {
    Score shorter = new Score(new byte[2], new double[] {1, 1});
    Score longer = new Score(new byte[4], new double[] {0.6, 0.6, 0.6, 0.6});
    ContinuationScores scores = new ContinuationScores(List.of(longer, shorter));
    assertThat(scores.best()).isEqualTo(1);
    assertThat(scores.bestPerByte()).isEqualTo(0);
    assertThat(shorter.bitsPerByte()).isCloseTo(1 / Math.log(2), within(1e-12));
  }
}
