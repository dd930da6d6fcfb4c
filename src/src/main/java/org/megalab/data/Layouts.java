package org.megalab.data;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Function;

/**
 * The layouts of data sets by name, each with its loader, which takes the folder.
 *
 * <p>A layout may have two: one for documents, whose bytes a language model learns, and one for
 * examples with answers.
 */
public final class Layouts {
  private static final Map<String, Function<Path, Corpus>> CORPORA = new ConcurrentSkipListMap<>();
  private static final Map<String, Function<Path, ExampleSet>> EXAMPLES =
      new ConcurrentSkipListMap<>();

  static {
    corpus("code", FileTree::sourceCode);
    corpus("enwik8", Enwik8::open);
    corpus("jsonl", JsonLines::open);
    corpus("pg19", Corpus::open);
    corpus("tree", FileTree::open);
    corpus("wikitext", WikiText::open);
    corpus("imagenet64-npz", folder -> ImageCorpus.open(folder, 1));
    corpus("imagenet64-png", folder -> ImageCorpus.open(folder, 1));
    corpus("speech-commands", AudioCorpus::open);
    corpus("wav", AudioCorpus::open);
    examples("idx", Mnist::fashion);
    examples("imagenet-1k", folder -> ImageNetFolders.open(folder, 224));
    examples("imagenet64-npz", ImageNet64::open);
    examples("lra-image", Cifar10::grey);
    examples("lra-listops", LraListOps::open);
    examples("lra-pathfinder", LraPathfinder::open);
    examples("lra-retrieval", LraRetrieval::open);
    examples("lra-text", LraText::open);
    examples("sc10", folder -> SpeechCommands.open(folder, SpeechCommands.SC10));
    examples("speech-commands", SpeechCommands::open);
  }

  private Layouts() {}

  /** Gives a layout its loader of documents. */
  public static void corpus(String layout, Function<Path, Corpus> loader) {
    CORPORA.put(layout, loader);
  }

  /** Gives a layout its loader of examples. */
  public static void examples(String layout, Function<Path, ExampleSet> loader) {
    EXAMPLES.put(layout, loader);
  }

  /** The loader of documents of a layout, if it has one. */
  public static Optional<Function<Path, Corpus>> corpus(String layout) {
    return Optional.ofNullable(CORPORA.get(layout));
  }

  /** The loader of examples of a layout, if it has one. */
  public static Optional<Function<Path, ExampleSet>> examples(String layout) {
    return Optional.ofNullable(EXAMPLES.get(layout));
  }

  /** Names of the layouts that give documents, and of those that give examples. */
  public static Map<String, List<String>> names() {
    return new TreeMap<>(
        Map.of(
            "documents",
            List.copyOf(CORPORA.keySet()),
            "examples",
            List.copyOf(EXAMPLES.keySet())));
  }

  /**
   * Opens documents in a layout.
   *
   * @throws IllegalArgumentException if no such layout gives documents; errors as in its loader
   */
  public static Corpus open(String layout, Path folder) {
    return corpus(layout)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "the layout \"%s\" gives no documents; those that do are %s"
                        .formatted(layout, CORPORA.keySet())))
        .apply(folder);
  }

  /**
   * Opens text whose layout shows in its files: enwik8, WikiText, JSON lines, a jar or zip archive
   * of source code, and else that of PG-19.
   *
   * @throws IllegalArgumentException errors as in the layout's loader
   */
  public static Corpus open(Path path) {
    if (Enwik8.fits(path)) {
      return Enwik8.open(path);
    } else if (WikiText.fits(path)) {
      return WikiText.open(path);
    } else if (JsonLines.fits(path)) {
      return JsonLines.open(path);
    } else if (FileTree.isArchive(path)) {
      return FileTree.sourceCode(path);
    }
    return Corpus.open(path);
  }
}
