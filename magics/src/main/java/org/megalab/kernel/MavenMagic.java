package org.megalab.kernel;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.eclipse.aether.artifact.Artifact;
import org.eclipse.aether.artifact.DefaultArtifact;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code %maven group:artifact:version[:classifier]...}: libraries, with all that they need. */
@Command(
    description = {
      "Adds libraries and everything they need to the class path of the cells that follow.",
      "They come from Maven's local repository or are downloaded to it; settings.xml is obeyed."
    })
final class MavenMagic implements Callable<List<String>> {
  private final JavaKernel kernel;

  @Parameters(
      arity = "1..*",
      paramLabel = "GROUP:ARTIFACT:VERSION[:CLASSIFIER]",
      description = "Libraries, such as org.apache.commons:commons-csv:1.12.0.")
  private List<String> coordinates = List.of();

  @Option(
      names = "--repo",
      paramLabel = "URL",
      description = "A further repository: an address, or a folder. May be given more than once.")
  private List<String> repositories = List.of();

  MavenMagic(JavaKernel kernel) {
    this.kernel = kernel;
  }

  @Override
  public List<String> call() throws Exception {
    List<Artifact> wanted = new ArrayList<>();
    Map<String, String> kept = new LinkedHashMap<>();
    for (String text : coordinates) {
      Artifact library = artifact(text);
      if (isLoaded(library, kept)) {
        continue;
      }
      wanted.add(library);
    }
    List<String> added = new ArrayList<>();
    if (!wanted.isEmpty()) {
      for (Artifact found :
          new MavenResolver(repositories).resolve(wanted, library -> isLoaded(library, kept))) {
        kernel.addToClasspath(found.getFile().getPath());
        kernel
            .libraries()
            .add(
                found.getGroupId(),
                found.getArtifactId(),
                found.getClassifier(),
                found.getVersion());
        added.add(found.getFile().getPath());
      }
    }
    System.out.println(
        added.isEmpty()
            ? "nothing to add"
            : "added " + String.join(", ", added.stream().map(MavenMagic::fileName).toList()));
    kept.values().forEach(System.out::println);
    return List.copyOf(added);
  }

  private static String fileName(String path) {
    return path.substring(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
  }

  /** Whether some version of the library is loaded; if another one, that is put down. */
  private boolean isLoaded(Artifact library, Map<String, String> kept) {
    @Nullable String version =
        kernel
            .libraries()
            .version(library.getGroupId(), library.getArtifactId(), library.getClassifier());
    if (version != null && !version.equals(library.getVersion())) {
      String name = library.getGroupId() + ":" + library.getArtifactId();
      kept.put(
          name,
          "kept %s %s, which is loaded already; %s would need a fresh kernel"
              .formatted(name, version, library.getVersion()));
    }
    return version != null;
  }

  /**
   * Reads the coordinates of a library.
   *
   * @throws IllegalArgumentException if they are none
   */
  static Artifact artifact(String text) {
    List<String> parts = List.of(text.split(":", -1));
    if (parts.size() < 3 || parts.size() > 4 || parts.stream().anyMatch(String::isBlank)) {
      throw new IllegalArgumentException(
          "\"%s\" is not group:artifact:version or group:artifact:version:classifier; such as org.apache.commons:commons-csv:1.12.0"
              .formatted(text));
    }
    String classifier = parts.size() == 4 ? parts.get(3) : "";
    return new DefaultArtifact(parts.get(0), parts.get(1), classifier, "jar", parts.get(2));
  }
}
