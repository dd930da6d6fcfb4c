package org.megalab.magics;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.megalab.data.Catalog;
import org.megalab.data.CatalogEntry;
import org.megalab.experiment.Study;
import org.megalab.model.ModelConfig;
import org.megalab.train.RunTable;
import picocli.CommandLine;

/** The names that a magic's line may hold, for its completion and its help. */
abstract class Candidates implements Iterable<String> {

  private static final Path RUNS = Path.of("runs");

  final MagicCommands magics;

  Candidates(MagicCommands magics) {
    this.magics = magics;
  }

  /** Creates candidates that know the magics, and anything else as picocli does. */
  record Factory(MagicCommands magics) implements CommandLine.IFactory {
    @Override
    public <K> K create(Class<K> type) throws Exception {
      return Candidates.class.isAssignableFrom(type)
          ? type.getDeclaredConstructor(MagicCommands.class).newInstance(magics)
          : CommandLine.defaultFactory().create(type);
    }
  }

  abstract Stream<String> names();

  @Override
  public final Iterator<String> iterator() {
    return names().distinct().iterator();
  }

  /** Magics without their percent signs. */
  static final class Magics extends Candidates {
    Magics(MagicCommands magics) {
      super(magics);
    }

    @Override
    Stream<String> names() {
      return magics.entries().stream().map(MagicCommands.Entry::name);
    }
  }

  /** Architectures that are registered. */
  static final class Architectures extends Candidates {
    Architectures(MagicCommands magics) {
      super(magics);
    }

    @Override
    Stream<String> names() {
      return ModelConfig.presets().keySet().stream();
    }
  }

  /** Presets of any architecture. */
  static final class Presets extends Candidates {
    Presets(MagicCommands magics) {
      super(magics);
    }

    @Override
    Stream<String> names() {
      return ModelConfig.presets().values().stream().flatMap(List::stream).sorted();
    }
  }

  /** Data sets of the catalog. */
  static final class DataSets extends Candidates {
    DataSets(MagicCommands magics) {
      super(magics);
    }

    @Override
    Stream<String> names() {
      return Catalog.load().entries().stream().map(CatalogEntry::name);
    }
  }

  /** Directories of runs. */
  static final class Runs extends Candidates {
    Runs(MagicCommands magics) {
      super(magics);
    }

    @Override
    Stream<String> names() {
      return RunTable.find(RUNS).values().stream().map(Path::toString);
    }
  }

  /** Ready-made studies, and directories of others. */
  static final class Studies extends Candidates {
    Studies(MagicCommands magics) {
      super(magics);
    }

    @Override
    Stream<String> names() {
      return Stream.concat(org.megalab.experiment.Studies.names().stream(), folders().stream());
    }

    private static List<String> folders() {
      if (!Files.isDirectory(RUNS)) {
        return List.of();
      }
      try (Stream<Path> folders = Files.list(RUNS)) {
        return folders
            .filter(folder -> Files.isRegularFile(folder.resolve(Study.FILE)))
            .map(Path::toString)
            .sorted()
            .toList();
      } catch (IOException e) {
        throw new UncheckedIOException(RUNS + " cannot be listed: " + e, e);
      }
    }
  }

  /** Trainings in the background. */
  static final class Trainings extends Candidates {
    Trainings(MagicCommands magics) {
      super(magics);
    }

    @Override
    Stream<String> names() {
      return magics.session().trainings().running().stream().map(BackgroundTraining::name);
    }
  }

  /** Kinds of devices. */
  static final class Devices extends Candidates {
    Devices(MagicCommands magics) {
      super(magics);
    }

    @Override
    Stream<String> names() {
      return Stream.of("cpu", "gpu");
    }
  }
}
