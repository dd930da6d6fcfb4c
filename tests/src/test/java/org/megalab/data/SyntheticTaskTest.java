package org.megalab.data;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SyntheticTaskTest {

  private static Example first(SyntheticTask task) {
    return task.examples(1, 0, 0, 1).train().get(0);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, US_ASCII);
  }

  /** The published outputs of SplitMix64 for the seeds 0 and 1234567. */
  @Test
  void theGeneratorIsSplitMix64() {
    SplitMix64 zero = new SplitMix64(0);
    assertThat(zero.nextLong()).isEqualTo(0xe220a8397b1dcdafL);
    assertThat(zero.nextLong()).isEqualTo(0x6e789e6aa1b965f4L);
    assertThat(zero.nextLong()).isEqualTo(0x06c45d188009454fL);
    SplitMix64 other = new SplitMix64(1234567);
    assertThat(other.nextLong()).isEqualTo(6457827717110365317L);
    assertThat(other.nextLong()).isEqualTo(3203168211198807973L);
    assertThat(SplitMix64.key(0)).isEqualTo(0xe220a8397b1dcdafL);
    assertThat(new SplitMix64(0).nextDouble())
        .isEqualTo((0xe220a8397b1dcdafL >>> 11) * Math.pow(2, -53));
    assertThat(new SplitMix64(0).nextInt(1000)).isEqualTo((int) (0xe220a839L * 1000 >> 32));
    assertThatThrownBy(() -> zero.nextInt(0)).hasMessageContaining("0");
  }

  /** If one of these changes, so do the results of everyone who trained on the task. */
  @ParameterizedTest
  @CsvSource({
    "listops, 933dd1e0",
    "copy, 11e10a8a",
    "selective-copy, a65b93a3",
    "associative-recall, 41dd0212",
    "pathfinder, 05d48ade",
    "retrieval-pairs, 61f206a1"
  })
  void examplesAreTheSameForEver(String name, String pinned) {
    ExampleSet set = SyntheticTask.named(name).examples(50, 50, 50, 7);
    CRC32 sum = new CRC32();
    for (Examples split : List.of(set.train(), set.validation(), set.test())) {
      for (int i : new int[] {0, 49, 17}) {
        sum.update(split.get(i).input());
        sum.update(split.get(i).target());
      }
    }
    assertThat("%08x".formatted(sum.getValue())).isEqualTo(pinned);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "listops",
        "copy",
        "selective-copy",
        "associative-recall",
        "pathfinder",
        "retrieval-pairs"
      })
  void examplesDependOnSeedSplitAndIndexAlone(String name) {
    SyntheticTask task = SyntheticTask.named(name);
    ExampleSet set = task.examples(20, 10, 10, 3);
    Set<String> inputs = new HashSet<>();
    for (int i = 19; i >= 0; i--) {
      inputs.add(text(set.train().get(i).input()));
      assertThat(set.train().get(i).input())
          .isEqualTo(task.examples(1000, 0, 0, 3).train().get(i).input());
    }
    for (int i = 0; i < 10; i++) {
      inputs.add(text(set.validation().get(i).input()));
      inputs.add(text(set.test().get(i).input()));
      inputs.add(text(task.examples(20, 10, 10, 4).train().get(i).input()));
    }
    assertThat(inputs).hasSize(50);
    assertThat(set.toString()).contains(task.name(), "20");
    assertThatThrownBy(() -> set.test().get(10)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> task.examples(1, -1, 0, 3)).hasMessageContaining("-1");
    assertThatThrownBy(() -> task.examples(0, 1, 0, 3)).hasMessageContaining("train");
  }

  @Test
  void copiesAreCopies() {
    for (Copy task : List.of(Copy.of(1), Copy.of(64).withLength(300), new Copy(40, 2))) {
      Example example = first(task);
      assertThat(text(example.input())).isEqualTo(text(example.target()) + "|");
      assertThat(example.target()).hasSize(task.length());
      assertThat(text(example.target())).matches(task.symbols() == 2 ? "[ab]*" : "[a-p]*");
    }
    assertThat(text(first(new Copy(300, 26)).target()).chars().distinct().count()).isEqualTo(26);
    assertThatThrownBy(() -> new Copy(5, 27))
        .hasMessageContaining("symbols")
        .hasMessageContaining("27");
  }

  @Test
  void selectiveCopiesLeaveTheBlanksOut() {
    int[] places = new int[40];
    Examples examples = new SelectiveCopy(40, 10, 14).examples(2000, 0, 0, 1).train();
    for (int i = 0; i < 2000; i++) {
      String input = text(examples.get(i).input());
      assertThat(input).hasSize(41).endsWith("|");
      assertThat(input.replaceAll("[.|]", ""))
          .isEqualTo(text(examples.get(i).target()))
          .hasSize(10);
      for (int t = 0; t < 40; t++) {
        places[t] += input.charAt(t) == '.' ? 0 : 1;
      }
    }
    // Each place holds a letter in a quarter of the examples: 500 ± 5 standard deviations.
    assertThat(Arrays.stream(places).boxed()).allMatch(count -> count > 403 && count < 597);
    assertThatThrownBy(() -> new SelectiveCopy(5, 6, 14)).hasMessageContaining("tokens");
  }

  @Test
  void recallAsksForAKeyThatWasThere() {
    for (AssociativeRecall task : AssociativeRecall.of(0).sweep(0, 1, 50, 1000)) {
      Examples examples = task.examples(100, 0, 0, 1).train();
      for (int i = 0; i < 100; i++) {
        String input = text(examples.get(i).input());
        assertThat(input).matches("([a-z][A-Z]){8}[0-9]{" + task.gap() + "}\\?[a-z]");
        String pairs = input.substring(0, 16);
        char key = input.charAt(input.length() - 1);
        assertThat(pairs.chars().filter(c -> c == key).count()).isEqualTo(1);
        assertThat(text(examples.get(i).target()))
            .isEqualTo(pairs.substring(pairs.indexOf(key) + 1, pairs.indexOf(key) + 2));
      }
    }
    assertThatThrownBy(() -> new AssociativeRecall(27, 0)).hasMessageContaining("27");
  }

  @Test
  void mixturesHoldAllTheirTasks() {
    AssociativeRecall recall = new AssociativeRecall(1, 0);
    Examples examples =
        new Mixture("recall", recall.sweep(0, 8, 64)).examples(300, 0, 0, 1).train();
    int[] counts = new int[69];
    for (int i = 0; i < 300; i++) {
      counts[examples.get(i).input().length]++;
    }
    assertThat(counts[4] + counts[12] + counts[68]).isEqualTo(300);
    assertThat(List.of(counts[4], counts[12], counts[68])).allMatch(n -> n > 60 && n < 140);
    assertThatThrownBy(() -> new Mixture("none", List.of())).hasMessageContaining("no tasks");
    assertThatThrownBy(() -> new Mixture("both", List.of(recall, ListOps.standard())))
        .hasMessageContaining("cannot be mixed");
  }

  /** Both documents mention the same topic, and no other, exactly if the class says so. */
  @Test
  void retrievalPairsShareATopicOrDoNot() {
    Examples examples = new RetrievalPairs(30, 3, 16).examples(400, 0, 0, 1).train();
    // Topics are the words that some document has three times; common ones hardly ever are.
    int same = 0;
    for (int i = 0; i < 400; i++) {
      String[] documents = text(examples.get(i).input()).split("\0", -1);
      assertThat(documents).hasSize(2);
      Set<String> first = frequent(documents[0]);
      assertThat(first).isNotEmpty();
      first.retainAll(frequent(documents[1]));
      assertThat(first).hasSize(examples.get(i).label());
      same += examples.get(i).label();
    }
    assertThat(same).isBetween(150, 250);
    assertThat(first(RetrievalPairs.standard()).input()).hasSize(499 + 1 + 499);
    assertThatThrownBy(() -> new RetrievalPairs(3, 4, 16)).hasMessageContaining("mentions");
  }

  private static Set<String> frequent(String document) {
    List<String> words = List.of(document.split(" ", -1));
    assertThat(words).hasSize(30).allMatch(word -> word.matches("[a-z]{4}"));
    Set<String> frequent = new HashSet<>(words);
    frequent.removeIf(word -> words.stream().filter(word::equals).count() < 3);
    return frequent;
  }

  /** An independent look at the picture: the dots are found, and the dashes followed. */
  @ParameterizedTest
  @ValueSource(ints = {16, 32, 64})
  void pathsLeadFromDotToDotOrDoNot(int side) {
    Examples examples = Pathfinder.of(side).examples(500, 0, 0, 1).train();
    int connected = 0;
    for (int i = 0; i < 500; i++) {
      byte[] image = examples.get(i).input().clone();
      assertThat(image).hasSize(side * side).containsOnly(0, -1).contains(-1);
      List<Integer> dots = dots(image, side);
      assertThat(dots).as("image %d", i).hasSize(2);
      for (int dot : dots) { // of a dot only the middle is left
        for (int d : new int[] {-side - 1, -side, -side + 1, -1, 1, side - 1, side, side + 1}) {
          image[dot + d] = 0;
        }
      }
      assertThat(follows(image, side, dots.get(0), dots.get(1)))
          .as("image %d", i)
          .isEqualTo(examples.get(i).label() == 1);
      connected += examples.get(i).label();
    }
    assertThat(connected).isBetween(200, 300);
  }

  /** No interval of distances tells the classes apart. */
  @ParameterizedTest
  @ValueSource(ints = {16, 32})
  void theDistanceOfTheDotsSaysLittle(int side) {
    Examples examples = Pathfinder.of(side).examples(2000, 0, 0, 5).train();
    double[] distances = new double[2000];
    boolean[] connected = new boolean[2000];
    for (int i = 0; i < 2000; i++) {
      List<Integer> dots = dots(examples.get(i).input(), side);
      connected[i] = examples.get(i).label() == 1;
      distances[i] =
          Math.hypot(
              dots.get(0) / side - dots.get(1) / side, dots.get(0) % side - dots.get(1) % side);
    }
    int best = 0;
    for (double low = 0; low < side; low += 0.5) {
      for (double high = low; high < 1.5 * side; high += 0.5) {
        int right = 0;
        for (int i = 0; i < 2000; i++) {
          boolean inside = distances[i] >= low && distances[i] <= high;
          right += inside == connected[i] ? 1 : 0;
        }
        best = Math.max(best, right);
      }
    }
    assertThat(best / 2000.0).isLessThan(0.62);
  }

  private static List<Integer> dots(byte[] image, int side) {
    List<Integer> dots = new ArrayList<>();
    for (int middle = side + 1; middle < image.length - side - 1; middle++) {
      int white = 0;
      for (int row = -1; row <= 1; row++) {
        for (int column = -1; column <= 1; column++) {
          white += image[middle + row * side + column] == 0 ? 0 : 1;
        }
      }
      if (white == 9 && middle % side > 0 && middle % side < side - 1) {
        dots.add(middle);
      }
    }
    return dots;
  }

  /** Whether steps of at most three pixels over white ones lead from one to the other. */
  private static boolean follows(byte[] image, int side, int from, int to) {
    boolean[] reached = new boolean[image.length];
    List<Integer> open = new ArrayList<>(List.of(from));
    while (!open.isEmpty()) {
      int at = open.remove(open.size() - 1);
      for (int p = 0; p < image.length; p++) {
        if (image[p] != 0
            && !reached[p]
            && Math.abs(p / side - at / side) <= 3
            && Math.abs(p % side - at % side) <= 3) {
          reached[p] = true;
          open.add(p);
        }
      }
    }
    return reached[to];
  }

  @Test
  void unknownTasksAreNamed() {
    assertThatThrownBy(() -> SyntheticTask.named("lists"))
        .hasMessageContaining("lists")
        .hasMessageContaining("listops")
        .hasMessageContaining("pathfinder");
    assertThatThrownBy(() -> Pathfinder.of(8))
        .hasMessageContaining("side")
        .hasMessageContaining("8");
    assertThat(Arrays.asList(SyntheticTask.named("pathfinder").classes()))
        .containsExactly(List.of("apart", "connected"));
  }
}
