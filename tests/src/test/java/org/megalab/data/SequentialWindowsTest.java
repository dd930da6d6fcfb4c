package org.megalab.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.megalab.data.file.Document;

class SequentialWindowsTest {

  private static Split random(long seed) {
    Random random = new Random(seed);
    List<Document> documents = new ArrayList<>();
    int n = 1 + random.nextInt(6);
    for (int d = 0; d < n; d++) {
      byte[] bytes = new byte[1 + random.nextInt(60)];
      random.nextBytes(bytes);
      documents.add(Document.of("document " + d, bytes));
    }
    return new Split("validation", documents);
  }

  private static void assertCovers(Split split, List<Window> windows) {
    List<Window> sorted = new ArrayList<>(windows);
    sorted.sort(Comparator.comparingInt(Window::document).thenComparingLong(Window::offset));
    int i = 0;
    for (int d = 0; d < split.documents().size(); d++) {
      Document document = split.documents().get(d);
      long at = 0;
      while (at < document.length()) {
        Window window = sorted.get(i++);
        assertThat(window.document()).isEqualTo(d);
        assertThat(window.offset()).isEqualTo(at);
        assertThat(window.bytes()).isEqualTo(document.read(at, window.length()));
        at += window.length();
      }
      assertThat(at).isEqualTo(document.length());
    }
    assertThat(i).isEqualTo(sorted.size());
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
  void everyByteAppearsOnce(long seed) {
    Split split = random(seed);
    for (int length = 1; length <= 61; length += 3) {
      SequentialWindows windows = new SequentialWindows(split, length);
      List<Window> all = new ArrayList<>();
      windows.forEach(all::add);
      assertThat(windows.count()).isEqualTo(all.size());
      assertThat(all)
          .isSortedAccordingTo(
              Comparator.comparingInt(Window::document).thenComparingLong(Window::offset));
      assertCovers(split, all);
      for (int i = 0; i < all.size(); i++) {
        boolean last = i + 1 == all.size() || all.get(i + 1).document() != all.get(i).document();
        if (!last) {
          assertThat(all.get(i).length()).isEqualTo(length);
        }
      }
      for (int batchSize : new int[] {1, 2, 3, 100}) {
        List<Window> batched = new ArrayList<>();
        for (List<Window> batch : windows.batches(batchSize)) {
          assertThat(batch).hasSizeBetween(1, batchSize);
          assertThat(batch).extracting(Window::length).containsOnly(batch.get(0).length());
          batched.addAll(batch);
        }
        assertCovers(split, batched);
      }
    }
  }

  @Test
  void batchesGroupFullWindowsThenEqualTails() {
    Split split =
        new Split(
            "test",
            List.of(
                Document.of("a", new byte[10]),
                Document.of("b", new byte[2]),
                Document.of("c", new byte[13]),
                Document.of("d", new byte[6])));
    List<String> batches = new ArrayList<>();
    for (List<Window> batch : new SequentialWindows(split, 4).batches(2)) {
      batches.add(
          batch.stream()
              .map(w -> w.document() + ":" + w.offset() + "+" + w.length())
              .toList()
              .toString());
    }
    assertThat(batches)
        .containsExactly(
            "[0:0+4, 0:4+4]",
            "[2:0+4, 2:4+4]",
            "[2:8+4, 3:0+4]",
            "[0:8+2, 1:0+2]",
            "[3:4+2]",
            "[2:12+1]");
  }

  @Test
  void iteratorsAreIndependentAndEnd() {
    SequentialWindows windows =
        new SequentialWindows(
            new Split("test", List.of(Document.of("a", new byte[] {1, 2, 3}))), 2);
    Iterator<Window> first = windows.iterator();
    first.next();
    assertThat(windows.iterator().next().bytes()).containsExactly(1, 2);
    assertThat(first.next().bytes()).containsExactly(3);
    assertThat(first.hasNext()).isFalse();
    assertThatThrownBy(first::next).isInstanceOf(NoSuchElementException.class);
  }

  @Test
  void sillyNumbersAreRefused() {
    Split split = random(1);
    assertThatThrownBy(() -> new SequentialWindows(split, 0)).hasMessageContaining("0 bytes long");
    assertThatThrownBy(() -> new SequentialWindows(split, 4).batches(0))
        .hasMessageContaining("0 rows");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void everyByteIsOnceBehindTheOverlap(long seed) {
    Split split = random(seed);
    for (int length = 1; length <= 61; length += 3) {
      for (int overlap : new int[] {0, 1, length / 2, length - 1}) {
        if (overlap >= length) {
          continue;
        }
        SequentialWindows windows = new SequentialWindows(split, length, overlap);
        List<Window> all = new ArrayList<>();
        windows.forEach(all::add);
        assertThat(windows.count()).isEqualTo(all.size());
        List<Window> batched = new ArrayList<>();
        windows
            .batches(3)
            .forEach(
                batch -> {
                  assertThat(batch).extracting(Window::length).containsOnly(batch.get(0).length());
                  batched.addAll(batch);
                });
        assertThat(batched)
            .extracting(Window::toString)
            .containsExactlyInAnyOrderElementsOf(all.stream().map(Window::toString).toList());
        long[] next = new long[split.documents().size()];
        for (Window window : all) {
          int d = window.document();
          assertThat(window.overlap()).isEqualTo(window.offset() == 0 ? 0 : overlap);
          assertThat(window.offset() + window.overlap()).isEqualTo(next[d]);
          assertThat(window.length()).isGreaterThan(window.overlap());
          assertThat(window.bytes())
              .isEqualTo(split.documents().get(d).read(window.offset(), window.length()));
          next[d] = window.offset() + window.length();
        }
        for (int d = 0; d < next.length; d++) {
          assertThat(next[d]).isEqualTo(split.documents().get(d).length());
        }
      }
    }
  }

  @Test
  void wrongOverlapsAreNamed() {
    assertThatThrownBy(() -> new SequentialWindows(random(1), 4, 4))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the overlap is 4 bytes of a window of 4");
    assertThatThrownBy(() -> new SequentialWindows(random(1), 4, -1)).hasMessageContaining("-1");
  }
}
