package org.megalab.magics;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.megalab.data.Corpus;
import org.megalab.data.ShippedData;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/** {@code %dataset [NAME|FOLDER]}. */
@Command(
    description = {
      "Loads a text and defines it as a variable. Without a name, lists the texts that ship.",
      "A folder has the layout of PG-19: train/, validation/ and test/, one document a file.",
      "In Java: var corpus = Corpus.named(\"books\");"
    })
final class DatasetMagic implements Callable<@Nullable Object> {
  private final MagicCommands.Call call;

  @Parameters(arity = "0..1", paramLabel = "NAME", description = "A text that ships, or a folder.")
  private @Nullable String name;

  @Option(names = "--as", paramLabel = "VARIABLE", description = "The variable. Default: corpus.")
  private String variable = "corpus";

  @Option(names = "--verify", description = "Compares the files with their checksums.")
  private boolean verify;

  DatasetMagic(MagicCommands.Call call) {
    this.call = call;
  }

  @Override
  public @Nullable Object call() {
    if (name == null) {
      call.session()
          .show(
              Table.create(
                  "texts that ship", StringColumn.create("name", ShippedData.require().corpora())));
      return null;
    }
    Session.checkName(variable);
    Corpus corpus = Corpus.named(name);
    if (verify) {
      corpus.verify();
    }
    call.session().define(variable, Corpus.class, corpus);
    call.session().show(corpus);
    return corpus;
  }
}
