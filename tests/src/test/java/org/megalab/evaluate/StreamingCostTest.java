package org.megalab.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.megalab.model.LlamaConfig;
import org.megalab.model.MegalodonConfig;
import org.megalab.model.SequenceModel;

class StreamingCostTest {

  @Test
  void boundedStateStaysTheSame() {
    try (SequenceModel model =
        MegalodonConfig.preset("tiny").newModel().initialize(Device.cpu(), 1)) {
      List<StreamingCost.Interval> told = new ArrayList<>();
      StreamingCost cost = StreamingCost.measure(model, 5000, 300, 4, told::add);
      assertThat(cost.intervals()).isEqualTo(told);
      assertThat(cost.table().longColumn("bytes").asList())
          .containsExactly(1250L, 2500L, 3750L, 5000L);
      assertThat(told).allSatisfy(i -> assertThat(i.microsecondsPerByte()).isPositive());
      // Keys, values, averages and statistics: well below a mebibyte, and the same at every point.
      double state = told.get(0).stateMebibytes();
      assertThat(state).isBetween(0.1, 2.0);
      assertThat(told).allSatisfy(i -> assertThat(i.stateMebibytes()).isEqualTo(state));
    }
  }

  @Test
  void aStateMayBeFilledToItsEnd() {
    try (SequenceModel model = LlamaConfig.preset("tiny").newModel().initialize(Device.cpu(), 1)) {
      StreamingCost cost = StreamingCost.measure(model, 256, 64, 2, i -> {});
      assertThat(cost.intervals()).hasSize(2);
    }
  }

  @Test
  void impossibleStreamsAreNamed() {
    try (SequenceModel model = LlamaConfig.preset("tiny").newModel().initialize(Device.cpu(), 1)) {
      assertThatThrownBy(() -> StreamingCost.measure(model, 5000, 100, 4, i -> {}))
          .hasMessageContaining("256 bytes")
          .hasMessageContaining("megalodon");
      assertThatThrownBy(() -> StreamingCost.measure(model, 100, 60, 4, i -> {}))
          .hasMessageContaining("blocks of 60");
    }
  }
}
