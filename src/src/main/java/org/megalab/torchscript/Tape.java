package org.megalab.torchscript;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The segments of an {@link Autograd}, in the order in which they ran. Where one reads the result
 * of another, the gradient goes straight to that one; libtorch leads it back only through graphs.
 */
final class Tape implements AutoCloseable {

  private final Deque<Segment> segments = new ArrayDeque<>();
  private final IdentityHashMap<NDArray, Segment> results = new IdentityHashMap<>();
  private final LeafGradients ofParameters = new LeafGradients();
  private final Map<Object, NDList> shared = new HashMap<>();
  private @Nullable NDManager manager;

  /** How many layers have begun. */
  private long layers;

  private boolean inside;
  private boolean replaying;

  long beginLayer() {
    return ++layers;
  }

  /** Whether a segment is under way, in which no others begin. */
  boolean isInside() {
    return inside;
  }

  boolean isReplaying() {
    return replaying;
  }

  NDArray recompute(Function<NDList, NDArray> function, NDArray... inputs) {
    NDList kept = kept(inputs);
    long layer = layers;
    NDArray y = quietly(scope -> function.apply(detached(kept, scope)));
    return leaf(
        inputs,
        kept,
        y,
        (gradient, scope) -> {
          NDList leaves = leaves(kept, scope);
          NDArray again = replay(layer, () -> function.apply(leaves));
          again.attach(scope);
          Segment.requireSame(y, again);
          Segment.backward(new NDList(again), new NDList(gradient));
          return leaves.stream().map(Segment::gradient).toList();
        });
  }

  NDArray apply(Autograd.Differentiable function, NDArray x, NDList parameters, boolean again) {
    NDList kept = kept(x);
    NDList results = unrecorded(scope -> function.forward(detached(kept, scope).get(0)));
    NDList saved = new NDList(results.subList(1, results.size()));
    if (again) {
      saved.close();
      saved.clear();
    }
    return leaf(
        new NDArray[] {x},
        kept,
        parameters,
        saved,
        results.get(0),
        (gradient, scope) ->
            unrecorded(
                () -> {
                  NDArray now = detached(kept, scope).get(0);
                  NDList need = again ? behindFirst(function.forward(now)) : saved;
                  need.attach(scope);
                  return function.gradients(now, need, gradient);
                }));
  }

  /** The first of some results; the others are freed. */
  static NDArray first(NDList results) {
    new NDList(results.subList(1, results.size())).close();
    return results.get(0);
  }

  private static NDList behindFirst(NDList results) {
    results.get(0).close();
    return new NDList(results.subList(1, results.size()));
  }

  NDArray bySlices(NDArray x, long steps, Autograd.Slice function) {
    NDList kept = kept(x);
    NDArray y =
        quietly(scope -> Autograd.inSlices(detached(kept, scope).get(0), steps, scope, function));
    return leaf(
        new NDArray[] {x},
        kept,
        y,
        (gradient, scope) -> {
          NDList gradients = new NDList();
          long length = y.getShape().get(1);
          for (long first = 0; first < length; first += steps) {
            long from = first;
            long end = Math.min(length, first + steps);
            try (NDManager slice = scope.newSubManager()) {
              NDArray part = detached(kept, slice).get(0).get(":, {}:{}", from, end);
              part.setRequiresGradient(true);
              NDArray again = replay(layers, () -> function.apply(part, from));
              again.attach(slice);
              Segment.backward(new NDList(again), new NDList(gradient.get(":, {}:{}", from, end)));
              NDArray found = Segment.gradient(part);
              gradients.add(found == null ? part.stopGradient().mul(0) : found);
              gradients.get(gradients.size() - 1).attach(scope);
            }
          }
          return new NDList(NDArrays.concat(gradients, 1));
        });
  }

  NDArray cut(NDArray x) {
    NDList kept = kept(x);
    NDArray y = detached(kept, manager()).get(0);
    return leaf(new NDArray[] {x}, kept, y, (gradient, scope) -> new NDList(gradient));
  }

  NDArray keep(NDArray array) {
    return alias(array.stopGradient(), manager());
  }

  NDList share(Object key, Supplier<NDList> arrays) {
    return shared.computeIfAbsent(
        key,
        k -> {
          NDList computed = arrays.get();
          computed.attach(manager());
          return computed;
        });
  }

  /** Leads the gradients of all leaves back, the newest first, and forgets them. */
  void unwind() {
    while (!segments.isEmpty()) {
      try (Segment segment = segments.removeLast();
          NDManager scope = manager().newSubManager()) {
        segment.backward(scope, ofParameters);
      }
    }
    results.clear();
    ofParameters.flush();
  }

  private NDManager manager() {
    if (manager == null) {
      manager = Libtorch.engine().newBaseManager();
      manager.setName("tape");
    }
    return manager;
  }

  private static NDArray alias(NDArray array, NDManager owner) {
    array.attach(owner);
    return array;
  }

  /** Other handles of the inputs, with their graphs. */
  private NDList kept(NDArray... inputs) {
    NDList kept = new NDList();
    for (NDArray input : inputs) {
      kept.add(alias(input.reshape(input.getShape()), manager()));
    }
    return kept;
  }

  private static NDList detached(NDList kept, NDManager scope) {
    NDList detached = new NDList();
    kept.forEach(array -> detached.add(alias(array.stopGradient(), scope)));
    return detached;
  }

  private static NDList leaves(NDList kept, NDManager scope) {
    NDList leaves = detached(kept, scope);
    for (int i = 0; i < leaves.size(); i++) {
      if (Segment.requiresGradient(kept.get(i))) {
        leaves.get(i).setRequiresGradient(true);
      }
    }
    return leaves;
  }

  /** Computes without recording; all but the result is freed. */
  private NDArray quietly(Function<NDManager, NDArray> function) {
    return unrecorded(scope -> new NDList(function.apply(scope))).get(0);
  }

  /** Computes without recording; all but the results is freed. */
  private NDList unrecorded(Function<NDManager, NDList> function) {
    try (NDManager scope = manager().newSubManager()) {
      NDList results = unrecorded(() -> function.apply(scope));
      results.attach(manager());
      return results;
    }
  }

  private <R> R unrecorded(Supplier<R> function) {
    boolean before = JniUtils.isGradMode();
    inside = true;
    JniUtils.setGradMode(false);
    try {
      return function.get();
    } finally {
      JniUtils.setGradMode(before);
      inside = false;
    }
  }

  private NDArray replay(long layer, Supplier<NDArray> function) {
    long counted = layers;
    layers = layer;
    inside = true;
    replaying = true;
    try {
      return function.get();
    } finally {
      replaying = false;
      inside = false;
      layers = counted;
    }
  }

  private NDArray leaf(NDArray[] inputs, NDList kept, NDArray y, Segment.Replay replay) {
    return leaf(inputs, kept, new NDList(), new NDList(), y, replay);
  }

  /** Goes on from y, which belongs to the manager of the first input then. */
  private NDArray leaf(
      NDArray[] inputs,
      NDList kept,
      NDList parameters,
      NDList saved,
      NDArray y,
      Segment.Replay replay) {
    y.setRequiresGradient(true);
    List<@Nullable Segment> sources = Arrays.stream(inputs).map(results::get).toList();
    Segment segment = new Segment(kept, sources, parameters, saved, y, new NDList(), replay);
    segments.addLast(segment);
    NDArray result = alias(y.reshape(y.getShape()), inputs[0].getManager());
    results.put(result, segment);
    return result;
  }

  @Override
  public void close() {
    segments.clear();
    shared.clear();
    results.clear();
    if (manager != null) {
      manager.close();
      manager = null;
    }
  }
}
