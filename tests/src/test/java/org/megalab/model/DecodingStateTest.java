package org.megalab.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.megalab.torchscript.Tensors;

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

  static Stream<ModelConfig> tiny() {
    return Bfloat16Test.tiny();
  }

  @ParameterizedTest
  @MethodSource("tiny")
  void aSecondPassHoldsNoMoreThanTheFirst(ModelConfig config) {
    byte[] text = new byte[120];
    new Random(3).nextBytes(text);
    try (SequenceModel model = config.newModel().initialize(Device.cpu(), 1);
        AbstractDecodingState state = (AbstractDecodingState) model.newDecodingState(2)) {
      float[] first = pass(state, text);
      int held = state.manager.getManagedArrays().size();
      state.reset();
      assertThat(pass(state, text)).isEqualTo(first);
      assertThat(state.manager.getManagedArrays()).hasSize(held);
    }
  }

  /** Fails where it is asked for a parameter for the n-th time. */
  private static final class FailingStore extends ParameterStore {
    int calls;
    int failure = -1;

    FailingStore(NDManager manager) {
      super(manager, false);
    }

    @Override
    public NDArray getValue(Parameter parameter, Device device, boolean training) {
      if (calls++ == failure) {
        throw new IllegalStateException("no memory");
      }
      return super.getValue(parameter, device, training);
    }
  }

  static Stream<Arguments> failing() {
    return tiny().flatMap(config -> Stream.of(Arguments.of(config, 1), Arguments.of(config, 40)));
  }

  @ParameterizedTest
  @MethodSource("failing")
  void aResetMendsAnyFailure(ModelConfig config, int length) {
    byte[] text = new byte[length];
    new Random(3).nextBytes(text);
    try (SequenceModel model = config.newModel().initialize(Device.cpu(), 1);
        AbstractDecodingState state = (AbstractDecodingState) model.newDecodingState(1)) {
      FailingStore store = new FailingStore(state.manager);
      state.store = store;
      state.read(new byte[] {1});
      store.calls = 0;
      state.read(text);
      int calls = store.calls;
      float[] expected = Tensors.floats(state.next());
      assertThat(calls).isPositive();
      for (int k = 0; k < calls; k += 1 + calls / 40) {
        state.reset();
        state.read(new byte[] {1});
        store.calls = 0;
        store.failure = k;
        assertThatThrownBy(() -> state.read(text)).hasMessage("no memory");
        store.failure = -1;
        assertThatThrownBy(state::next).hasMessageContaining("reset");
        state.reset();
        state.read(new byte[] {1});
        state.read(text);
        assertThat(Tensors.floats(state.next())).as("failure at call " + k).isEqualTo(expected);
      }
    }
  }

  /** Reads in several ways, and returns what comes next. */
  private static float[] pass(DecodingState state, byte[] text) {
    int[] ends = {37, 38, 39, 40, 41, 42, 43, 44, 45, 90, 91, 120};
    int from = 0;
    for (int to : ends) {
      byte[] part = Arrays.copyOfRange(text, from, to);
      if (to % 2 == 0) {
        state.read(part, part);
      } else {
        try (NDManager step = NDManager.newBaseManager()) {
          assertThat(state.feed(SequenceModel.ids(step, part, part)).getShape().get(1))
              .isEqualTo(part.length);
        }
      }
      from = to;
      assertThat(state.position()).isEqualTo(to);
    }
    return Tensors.floats(state.next());
  }

  @Test
  void bytesThatAreNoSymbolsOrHaveNoRoomChangeNothing() {
    ModelConfig config = LlamaConfig.preset("tiny").toBuilder().optVocabularySize(200).build();
    try (SequenceModel model = config.newModel().initialize(Device.cpu(), 1);
        DecodingState state = model.newDecodingState(2)) {
      state.read(new byte[] {1, 2}, new byte[] {3, 4});
      float[] next = Tensors.floats(state.next());
      assertThatThrownBy(() -> state.read(new byte[] {1}, new byte[] {(byte) 200}))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("200");
      assertThatThrownBy(() -> state.read(new byte[] {1}))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("2 rows of equal length, got lengths [1]");
      assertThatThrownBy(() -> state.read(new byte[] {1}, new byte[] {1, 2}))
          .hasMessageContaining("[1, 2]");
      int all = (int) state.capacity();
      assertThatThrownBy(() -> state.read(new byte[all], new byte[all]))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("no room");
      assertThat(state.position()).isEqualTo(2);
      assertThat(Tensors.floats(state.next())).isEqualTo(next);
    }
  }
}
