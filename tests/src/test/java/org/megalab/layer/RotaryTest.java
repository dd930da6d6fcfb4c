package org.megalab.layer;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.megalab.torchscript.Script;

/** What a rotation by position is said to be. */
class RotaryTest {
  private static final Script SCRIPT = Script.resource(Layer.class, "rotary");
  private static final double BASE = 10_000;

  private final NDManager manager = NDManager.newBaseManager();

  @AfterEach
  void free() {
    manager.close();
  }

  private NDArray filled(int n, long... shape) {
    return Filled.array(manager, n, 1, 0, shape);
  }

  private NDArray rotate(NDArray x, long start, boolean halves) {
    return SCRIPT.call("rotate", false, x, start, BASE, halves);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void keepsNormsAndStartsAtTheIdentity(boolean halves) {
    NDArray x = filled(1, 1, 7, 6);
    NDArray y = rotate(x, 0, halves);
    NDArray norms = x.square().sum(new int[] {2});
    assertThat(y.square().sum(new int[] {2}).sub(norms).abs().max().getDouble()).isLessThan(1e-12);
    assertThat(y.get("0, 0").sub(x.get("0, 0")).abs().max().getDouble()).isZero();
    assertThat(y.sub(x).abs().max().getDouble()).isGreaterThan(0.1);
  }

  /** Also a million steps away, where angles kept in float32 would be off. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void scoresDependOnDistanceAlone(boolean halves) {
    NDArray q = filled(1, 1, 5, 8);
    NDArray k = filled(2, 1, 5, 8);
    NDArray here = rotate(q, 3, halves).matMul(rotate(k, 0, halves).transpose(0, 2, 1));
    NDArray there =
        rotate(q, 1_000_003, halves).matMul(rotate(k, 1_000_000, halves).transpose(0, 2, 1));
    assertThat(there.sub(here).abs().max().getDouble()).isLessThan(1e-8);
  }

  @Test
  void pairingsAreOnePermutationApart() {
    NDArray x = filled(1, 1, 5, 6);
    NDArray even = x.get(":, :, 0::2");
    NDArray odd = x.get(":, :, 1::2");
    NDArray y = rotate(even.concat(odd, 2), 4, true);
    NDArray expected = rotate(x, 4, false);
    assertThat(y.get(":, :, :3").sub(expected.get(":, :, 0::2")).abs().max().getDouble())
        .isLessThan(1e-12);
    assertThat(y.get(":, :, 3:").sub(expected.get(":, :, 1::2")).abs().max().getDouble())
        .isLessThan(1e-12);
  }

  @Test
  void chunksBeginAtPositionZero() {
    NDArray x = filled(1, 1, 10, 4);
    NDArray y = SCRIPT.call("in_chunks", false, x, 0, BASE, 4);
    for (int from = 0; from < 10; from += 4) {
      int to = Math.min(from + 4, 10);
      NDArray chunk = x.get(":, {}:{}", from, to);
      assertThat(y.get(":, {}:{}", from, to).sub(rotate(chunk, 0, false)).abs().max().getDouble())
          .isLessThan(1e-12);
    }
    NDArray later = SCRIPT.call("in_chunks", false, x.get(":, 6:"), 6, BASE, 4);
    assertThat(later.sub(y.get(":, 6:")).abs().max().getDouble()).isLessThan(1e-12);
  }
}
