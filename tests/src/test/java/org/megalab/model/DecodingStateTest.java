package org.megalab.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What all decoding states share. */
class DecodingStateTest {

  /** A state that can run out of memory in the middle of its symbols. */
  private static final class Failing extends AbstractDecodingState {
    boolean fails;

    Failing(SequenceModel model) {
      super(model, 1, 10);
      reset();
    }

    @Override
    void begin(NDArray noIds) {
      setNext(noIds.getManager().zeros(new Shape(1, 1, 256)));
    }

    @Override
    void step() {
      throw new IllegalStateException("no memory");
    }

    @Override
    NDArray read(NDArray ids, long n) {
      position++;
      NDArray rows = ids.getManager().zeros(new Shape(1, n, 256));
      if (fails) {
        throw new IllegalStateException("no memory");
      }
      setNext(rows);
      position += n - 1;
      return rows;
    }

    @Override
    Stream<NDArray> held() {
      return Stream.empty();
    }
  }

  @Test
  void aStateThatFailedHalfWayIsNotUsedBeforeAReset() {
    try (SequenceModel model = LlamaConfig.preset("tiny").newModel().initialize(Device.cpu(), 1);
        NDManager manager = NDManager.newBaseManager();
        Failing state = new Failing(model)) {
      NDArray ids = SequenceModel.ids(manager, new byte[3]);
      state.feed(ids).close();
      assertThat(state.position()).isEqualTo(3);
      int held = state.manager.getManagedArrays().size();
      state.fails = true;
      assertThatThrownBy(() -> state.feed(ids)).hasMessage("no memory");
      assertThat(ids.getManager()).isSameAs(manager);
      assertThat(state.manager.getManagedArrays()).hasSize(held);
      state.fails = false;
      assertThatThrownBy(state::next).hasMessageContaining("reset");
      assertThatThrownBy(() -> state.feed(ids)).hasMessageContaining("reset");
      state.reset();
      assertThat(state.position()).isZero();
      assertThat(state.next().getShape()).isEqualTo(new Shape(1, 256));
      state.feed(ids).close();
      assertThat(state.position()).isEqualTo(3);
      assertThatThrownBy(() -> state.feed(SequenceModel.ids(manager, new byte[8])))
          .hasMessageContaining("3 of 10 symbols");
    }
  }
}
