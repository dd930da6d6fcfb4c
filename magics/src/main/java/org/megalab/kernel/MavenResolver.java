package org.megalab.kernel;

import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.maven.model.Model;
import org.apache.maven.model.Repository;
import org.apache.maven.model.building.DefaultModelProcessor;
import org.apache.maven.model.io.DefaultModelReader;
import org.apache.maven.model.locator.DefaultModelLocator;
import org.apache.maven.model.superpom.DefaultSuperPomProvider;
import org.eclipse.aether.RepositorySystem;
import org.eclipse.aether.RepositorySystemSession;
import org.eclipse.aether.artifact.Artifact;
import org.eclipse.aether.collection.CollectRequest;
import org.eclipse.aether.graph.Dependency;
import org.eclipse.aether.graph.DependencyFilter;
import org.eclipse.aether.graph.DependencyNode;
import org.eclipse.aether.repository.RemoteRepository;
import org.eclipse.aether.repository.RepositoryPolicy;
import org.eclipse.aether.resolution.ArtifactResult;
import org.eclipse.aether.resolution.DependencyRequest;
import org.eclipse.aether.resolution.DependencyResolutionException;
import org.eclipse.aether.resolution.VersionRangeRequest;
import org.eclipse.aether.resolution.VersionRangeResolutionException;
import org.eclipse.aether.supplier.RepositorySystemSupplier;
import org.eclipse.aether.transfer.ArtifactNotFoundException;
import org.eclipse.aether.transfer.ArtifactTransferException;
import org.eclipse.aether.util.filter.DependencyFilterUtils;
import org.eclipse.aether.version.Version;

/**
 * Finds libraries and what they need as Maven itself does: in the local repository, then in Central
 * and the repositories of {@code settings.xml}, through its mirrors and proxies.
 */
final class MavenResolver {
  private final MavenSettings settings = MavenSettings.read();
  private final RepositorySystem system = new RepositorySystemSupplier().get();
  private final RepositorySystemSession session;
  private final List<RemoteRepository> repositories;

  /**
   * Reads the settings.
   *
   * @param moreRepositories addresses or folders of repositories to ask beside the usual ones
   * @throws IllegalArgumentException if {@code settings.xml} is malformed
   */
  MavenResolver(List<String> moreRepositories) {
    this.session = settings.newSession(system);
    List<RemoteRepository> all = new ArrayList<>();
    for (int i = 0; i < moreRepositories.size(); i++) {
      all.add(repository("repo" + (i + 1), moreRepositories.get(i), true));
    }
    settings.activeRepositories().forEach(r -> all.add(repository(r.getId(), r.getUrl(), true)));
    for (Repository standard : superPom().getRepositories()) {
      if (all.stream().noneMatch(r -> r.getId().equals(standard.getId()))) {
        all.add(repository(standard.getId(), standard.getUrl(), false));
      }
    }
    this.repositories = system.newResolutionRepositories(session, all);
  }

  /** What every project inherits from Maven: it says where Central is. */
  private static Model superPom() {
    DefaultModelProcessor processor =
        new DefaultModelProcessor()
            .setModelLocator(new DefaultModelLocator())
            .setModelReader(new DefaultModelReader());
    return new DefaultSuperPomProvider().setModelProcessor(processor).getSuperModel("4.0.0");
  }

  private static RemoteRepository repository(String id, String place, boolean snapshots) {
    String url = place.contains("://") ? place : Path.of(place).toAbsolutePath().toUri().toString();
    RepositoryPolicy policy =
        new RepositoryPolicy(
            snapshots, RepositoryPolicy.UPDATE_POLICY_DAILY, RepositoryPolicy.CHECKSUM_POLICY_WARN);
    return new RemoteRepository.Builder(id, "default", url).setSnapshotPolicy(policy).build();
  }

  /**
   * Finds libraries and everything they need at run time, downloading what is not there yet.
   *
   * @param loaded libraries that are neither sought nor followed
   * @throws IllegalArgumentException if something cannot be had; its message says why
   */
  List<Artifact> resolve(List<Artifact> libraries, Predicate<Artifact> loaded) {
    CollectRequest collect = new CollectRequest();
    libraries.forEach(library -> collect.addDependency(new Dependency(library, "compile")));
    collect.setRepositories(repositories);
    DependencyFilter needed =
        DependencyFilterUtils.andFilter(
            DependencyFilterUtils.classpathFilter("runtime"),
            (node, parents) ->
                !isLoaded(node, loaded) && parents.stream().noneMatch(p -> isLoaded(p, loaded)));
    try {
      return system
          .resolveDependencies(session, new DependencyRequest(collect, needed))
          .getArtifactResults()
          .stream()
          .filter(ArtifactResult::isResolved)
          .map(ArtifactResult::getArtifact)
          .toList();
    } catch (DependencyResolutionException e) {
      throw new IllegalArgumentException(explain(e, libraries), e);
    }
  }

  private static boolean isLoaded(DependencyNode node, Predicate<Artifact> loaded) {
    return node.getDependency() != null && loaded.test(node.getArtifact());
  }

  /** The reason nearest to the matter, and what to do about it. */
  private String explain(DependencyResolutionException failure, List<Artifact> libraries) {
    Throwable reason = failure;
    boolean unreachable = settings.isOffline();
    Artifact missing = null;
    Set<Throwable> seen = new HashSet<>();
    for (Throwable t = failure; t != null && seen.add(t); t = t.getCause()) {
      if (t instanceof ArtifactTransferException transfer) {
        reason = t;
        missing = transfer.getArtifact();
      }
      unreachable |=
          t instanceof UnknownHostException
              || t instanceof ConnectException
              || t instanceof NoRouteToHostException
              || t instanceof SocketTimeoutException;
    }
    String wanted = libraries.stream().map(Artifact::toString).collect(Collectors.joining(", "));
    StringBuilder text = new StringBuilder(String.valueOf(reason.getMessage())).append(". ");
    if (missing != null && libraries.stream().noneMatch(missing::equals)) {
      text.append("It is needed by ").append(wanted).append(". ");
    }
    if (unreachable) {
      text.append("Without a connection, only what lies in ")
          .append(settings.localRepository())
          .append(" can be loaded; %jars FILE takes a jar from anywhere.");
    } else if (reason instanceof ArtifactNotFoundException && missing != null) {
      text.append(whatThereIs(missing));
    }
    return text.toString().strip();
  }

  /** The versions of an artifact that the repositories do have. */
  private String whatThereIs(Artifact missing) {
    List<String> versions;
    try {
      versions =
          system
              .resolveVersionRange(
                  session, new VersionRangeRequest(missing.setVersion("[0,)"), repositories, null))
              .getVersions()
              .stream()
              .map(Version::toString)
              .toList();
    } catch (VersionRangeResolutionException e) {
      versions = List.of();
    }
    String name = missing.getGroupId() + ":" + missing.getArtifactId();
    if (versions.isEmpty()) {
      return "No version of "
          + name
          + " is there: see whether both names are right, or name its repository with --repo URL.";
    }
    if (versions.contains(missing.getVersion())) {
      return missing.getClassifier().isEmpty()
          ? "This version is there, but as no jar."
          : "This version is there, but not with the classifier " + missing.getClassifier() + ".";
    }
    return "There is "
        + name
        + " "
        + String.join(", ", versions.subList(Math.max(0, versions.size() - 8), versions.size()))
        + ".";
  }
}
