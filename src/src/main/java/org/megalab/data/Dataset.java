package org.megalab.data;

import com.google.gson.JsonObject;

/** What a model can be trained on: documents, or examples with answers. */
public sealed interface Dataset permits Corpus, ExampleSet {

  /** How the data is called in tables and plots. */
  String name();

  /** Returns the name and the sizes, by which a run knows its data again; equal for equal data. */
  default JsonObject description() {
    JsonObject description = new JsonObject();
    description.addProperty("name", name());
    if (this instanceof Corpus corpus) {
      description.addProperty("trainBytes", corpus.train().bytes());
      description.addProperty("validationBytes", corpus.validation().bytes());
    } else if (this instanceof ExampleSet examples) {
      description.addProperty("trainExamples", examples.train().size());
      description.addProperty("validationExamples", examples.validation().size());
      description.addProperty("classes", examples.classes().size());
    }
    return description;
  }
}
