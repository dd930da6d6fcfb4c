package org.megalab.magics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.megalab.data.Catalog;
import org.megalab.data.CatalogEntry;
import org.megalab.data.Corpus;
import org.megalab.data.ExampleSet;

/** {@code %dataset}: what ships, what is elsewhere, and what lies in a folder. */
class DatasetMagicTest extends MagicsFixture {

  @Test
  void datasetListsWhatIsKnown() throws Exception {
    line("dataset");
    assertThat(last("text/html"))
        .contains("books", "latex", "enwik8", "lra-listops", "2,428,923,189", "not there");
  }

  @Test
  void datasetTellsWhereToGetWhatIsNotThere() throws Exception {
    System.setProperty("megalab.data", folder.toString());
    try {
      line("dataset", "enwik8");
      assertThat(last("text/plain"))
          .contains("mattmahoney.net", "100,000,000 bytes", folder.resolve("enwik8").toString());
      assertThat(folder.resolve("enwik8")).doesNotExist();
    } finally {
      System.clearProperty("megalab.data");
    }
  }

  static Stream<CatalogEntry> catalog() {
    return Catalog.load().entries().stream();
  }

  @ParameterizedTest
  @MethodSource("catalog")
  void datasetOpensWhatShipsAndTellsWhereTheOthersAre(CatalogEntry entry) throws Exception {
    System.setProperty("megalab.data", folder.resolve("nothing").toString());
    try {
      String variable = "set_" + entry.name().replace('-', '_');
      line("dataset", entry.name(), "--as", variable, "--verify");
      if (!entry.shipped()) {
        assertThat(last("text/plain"))
            .contains(entry.home(), folder.resolve("nothing").resolve(entry.folder()).toString());
      } else if (entry.kind() == CatalogEntry.Kind.CLASSIFICATION) {
        ExampleSet set = variable(variable, ExampleSet.class);
        assertThat(set.train().get(0).input()).isNotEmpty();
        assertThat(last("text/html"))
            .contains("validation", Integer.toString(set.validation().size()));
        assertThat(last("text/plain")).contains(set.classes().size() + " classes");
      } else {
        Corpus set = variable(variable, Corpus.class);
        assertThat(set.train().bytes()).isPositive();
        assertThat(last("text/html")).contains("validation");
      }
    } finally {
      System.clearProperty("megalab.data");
    }
  }

  @Test
  void datasetOpensOtherLayouts() throws Exception {
    line("dataset", "code", "--as", "java", "--verify");
    assertThat(variable("java", Corpus.class).train().documents()).hasSizeGreaterThan(100);
    line("dataset", folder.resolve("text").toString(), "--as", "tree", "--layout", "tree");
    assertThat(variable("tree", Corpus.class).validation().documents()).isNotEmpty();
  }

  @Test
  void datasetLoadsNamesAndFoldersIntoVariables() throws Exception {
    line("dataset", "latex", "--as", "papers", "--verify");
    assertThat(variable("papers", Corpus.class).name()).isEqualTo("latex");
    assertThat(last("text/html")).contains("corpus latex", "validation");
    line("dataset", folder.resolve("text").toString(), "--as", "own");
    assertThat(variable("own", Corpus.class).name()).isEqualTo("text");
    assertThat(corpus().name()).isEqualTo("text");
  }
}
