package org.megalab.data;

/** What a model can be trained on: documents, or examples with answers. */
public sealed interface Dataset permits Corpus, ExampleSet {

  /** How the data is called in tables and plots. */
  String name();
}
