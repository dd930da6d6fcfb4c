package org.megalab.evaluate;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.megalab.data.Split;
import org.megalab.data.file.Document;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.LongColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/**
 * The perplexity of words under a model of bytes (Yu et al. 2023, section 5; Rae et al. 2020):
 *
 * <pre>
 * PPL = exp(Σ nats over all bytes / number of words)
 * </pre>
 *
 * <p>The sums run over all documents together, so that each weighs as its length; the last row of
 * the table is that total. {@link Perplexity} says what goes wrong otherwise.
 *
 * @param texts the documents, or nothing where words are known for all of them only
 * @param all all documents together
 */
public record WordPerplexity(List<Text> texts, Text all) {

  /**
   * The cost of a text.
   *
   * @param name how it is called
   * @param bytes its length
   * @param words its words
   * @param nats the cost of its bytes
   */
  public record Text(String name, long bytes, long words, double nats) {

    /** Returns the mean length of a word and what surrounds it. */
    public double bytesPerWord() {
      return words == 0 ? Double.NaN : (double) bytes / words;
    }

    /** Returns the mean cost of a byte in bits. */
    public double bitsPerByte() {
      return Perplexity.bitsPerByte(nats / bytes);
    }

    /** Returns the perplexity of words; NaN for a text without words. */
    public double perplexity() {
      return words == 0 ? Double.NaN : Math.exp(nats / words);
    }
  }

  /** Copies the list. */
  public WordPerplexity {
    texts = List.copyOf(texts);
  }

  /**
   * The words of each document counted by white space, as for PG-19 and for folders of one's own.
   *
   * @param cost what the documents of the split cost
   * @param split the documents that were evaluated
   * @throws IllegalArgumentException if the evaluation was stopped, or was one of another split
   */
  public static WordPerplexity of(BitsPerByte cost, Split split) {
    requireWhole(cost);
    List<Document> documents = split.documents();
    List<BitsPerByte.DocumentCost> costs = cost.documents();
    List<Text> texts = new ArrayList<>();
    long words = 0;
    for (int i = 0; i < costs.size() && i < documents.size(); i++) {
      BitsPerByte.DocumentCost each = costs.get(i);
      if (each.bytes() == documents.get(i).length()) {
        double nats = Perplexity.natsPerByte(each.bitsPerByte()) * each.bytes();
        texts.add(new Text(each.name(), each.bytes(), WordCount.of(documents.get(i)), nats));
        words += texts.get(i).words;
      }
    }
    if (texts.size() != documents.size() || texts.size() != costs.size()) {
      throw new IllegalArgumentException(
          "the costs are those of %d documents with %,d bytes, and the split is %s; give the split that was evaluated"
              .formatted(costs.size(), cost.bytes(), split));
    }
    return new WordPerplexity(texts, new Text("all", cost.bytes(), words, cost.nats()));
  }

  /**
   * A number of words that somebody else counted, such as {@link WordCount#WIKITEXT103_TEST}, for
   * all documents together.
   *
   * @throws IllegalArgumentException if the evaluation was stopped, or there are no words
   */
  public static WordPerplexity of(BitsPerByte cost, long words) {
    requireWhole(cost);
    if (words < 1 || words > cost.bytes()) {
      throw new IllegalArgumentException(
          "%,d bytes cannot have %,d words; give the number of words of all that was evaluated"
              .formatted(cost.bytes(), words));
    }
    return new WordPerplexity(List.of(), new Text("all", cost.bytes(), words, cost.nats()));
  }

  private static void requireWhole(BitsPerByte cost) {
    if (!cost.complete()) {
      throw new IllegalArgumentException(
          "the evaluation was stopped after %,d bytes; a perplexity of words needs all of them"
              .formatted(cost.bytes()));
    }
  }

  /** Returns the perplexity of words of all documents together. */
  public double value() {
    return all.perplexity();
  }

  /** Returns one row a model, by name: the costs of all documents. */
  public static Table table(Map<String, WordPerplexity> models) {
    List<Text> rows = new ArrayList<>();
    models.forEach(
        (name, each) -> rows.add(new Text(name, each.all.bytes, each.all.words, each.all.nats)));
    return table("model", rows);
  }

  /** Returns one row a document, and one for all. */
  public Table table() {
    List<Text> rows = new ArrayList<>(texts);
    rows.add(all);
    return table("document", rows);
  }

  private static Table table(String key, List<Text> rows) {
    StringColumn names = StringColumn.create(key);
    LongColumn bytes = LongColumn.create("bytes");
    LongColumn words = LongColumn.create("words");
    DoubleColumn length = DoubleColumn.create("bytes per word");
    DoubleColumn bits = DoubleColumn.create("bits per byte");
    DoubleColumn perplexity = DoubleColumn.create("word perplexity");
    for (Text text : rows) {
      names.append(text.name);
      bytes.append(text.bytes);
      words.append(text.words);
      length.append(text.bytesPerWord());
      bits.append(text.bitsPerByte());
      perplexity.append(text.perplexity());
    }
    return Table.create("word perplexity", names, bytes, words, length, bits, perplexity);
  }
}
