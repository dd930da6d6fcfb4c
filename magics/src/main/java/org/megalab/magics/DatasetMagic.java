package org.megalab.magics;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.megalab.data.Catalog;
import org.megalab.data.CatalogEntry;
import org.megalab.data.Corpus;
import org.megalab.data.ExampleSet;
import org.megalab.data.Layouts;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/** {@code %dataset [NAME|FOLDER]}. */
@Command(
    description = {
      "Loads a data set and defines it as a variable. Without a name, lists those that are known.",
      "Where the files of a known one are not there, says where to get them and where to put them;",
      "nothing is ever downloaded.",
      "A folder of text has the layout of PG-19 (train/, validation/ and test/, one document a file),",
      "of enwik8, of WikiText or of JSON lines; --layout names another.",
      "In Java: var corpus = Corpus.named(\"books\");"
    })
final class DatasetMagic implements Callable<@Nullable Object> {
  private final MagicCommands.Call call;

  @Parameters(
      arity = "0..1",
      paramLabel = "NAME",
      completionCandidates = Candidates.DataSets.class,
      description = "A data set of the list, or a folder.")
  private @Nullable String name;

  @Option(
      names = "--as",
      paramLabel = "VARIABLE",
      description = "The variable. Default: corpus, or examples for a set with answers.")
  private @Nullable String variable;

  @Option(
      names = "--layout",
      paramLabel = "LAYOUT",
      description = "The layout of a folder, such as pg19, jsonl, code or tree.")
  private @Nullable String layout;

  @Option(
      names = "--verify",
      description = "Compares the files with their published lengths and checksums.")
  private boolean verify;

  DatasetMagic(MagicCommands.Call call) {
    this.call = call;
  }

  @Override
  public @Nullable Object call() {
    if (variable != null) {
      Session.checkName(variable);
    }
    if (name == null) {
      call.session().show(list());
      return null;
    }
    Optional<CatalogEntry> entry = Catalog.load().entry(name);
    if (entry.isPresent() && layout == null) {
      Optional<Path> place = Catalog.find(entry.get());
      if (place.isPresent()) {
        return open(entry.get(), place.get());
      } else if (!entry.get().shipped()) {
        call.session().show(entry.get().instructions());
        return null;
      }
    }
    Corpus corpus = layout == null ? Corpus.named(name) : Layouts.open(layout, Path.of(name));
    if (verify) {
      corpus.verify();
    }
    return define("corpus", Corpus.class, corpus);
  }

  private Object open(CatalogEntry entry, Path place) {
    if (verify) {
      call.session().show(Catalog.verify(entry, place));
    }
    boolean classes = entry.kind() == CatalogEntry.Kind.CLASSIFICATION;
    Optional<Function<Path, ExampleSet>> examples = Layouts.examples(entry.layout());
    if (examples.isPresent() && (classes || Layouts.corpus(entry.layout()).isEmpty())) {
      return define("examples", ExampleSet.class, examples.get().apply(place));
    }
    return define("corpus", Corpus.class, Layouts.open(entry.layout(), place));
  }

  private <T> T define(String usual, Class<T> type, T value) {
    call.session().define(variable == null ? usual : variable, type, value);
    call.session().show(value);
    return value;
  }

  private static Table list() {
    StringColumn names = StringColumn.create("name");
    StringColumn titles = StringColumn.create("title");
    StringColumn kinds = StringColumn.create("kind");
    StringColumn sizes = StringColumn.create("size");
    StringColumn places = StringColumn.create("where");
    for (CatalogEntry entry : Catalog.load().entries()) {
      names.append(entry.name());
      titles.append(entry.title());
      kinds.append(entry.kind().name().toLowerCase(Locale.ROOT));
      sizes.append(entry.size());
      places.append(Catalog.find(entry).map(Path::toString).orElse("not there"));
    }
    return Table.create("data sets", names, titles, kinds, sizes, places);
  }
}
