package org.megalab.kernel;

import java.io.File;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import org.apache.maven.repository.internal.MavenRepositorySystemUtils;
import org.apache.maven.settings.Mirror;
import org.apache.maven.settings.Proxy;
import org.apache.maven.settings.Server;
import org.apache.maven.settings.Settings;
import org.apache.maven.settings.building.DefaultSettingsBuilderFactory;
import org.apache.maven.settings.building.DefaultSettingsBuildingRequest;
import org.apache.maven.settings.building.SettingsBuildingException;
import org.apache.maven.settings.crypto.DefaultSettingsDecrypter;
import org.apache.maven.settings.crypto.DefaultSettingsDecryptionRequest;
import org.apache.maven.settings.crypto.SettingsDecryptionResult;
import org.eclipse.aether.DefaultRepositorySystemSession;
import org.eclipse.aether.RepositorySystem;
import org.eclipse.aether.RepositorySystemSession;
import org.eclipse.aether.artifact.ArtifactType;
import org.eclipse.aether.artifact.DefaultArtifactType;
import org.eclipse.aether.repository.LocalRepository;
import org.eclipse.aether.transfer.AbstractTransferListener;
import org.eclipse.aether.transfer.TransferEvent;
import org.eclipse.aether.util.artifact.DefaultArtifactTypeRegistry;
import org.eclipse.aether.util.repository.AuthenticationBuilder;
import org.eclipse.aether.util.repository.DefaultAuthenticationSelector;
import org.eclipse.aether.util.repository.DefaultMirrorSelector;
import org.eclipse.aether.util.repository.DefaultProxySelector;
import org.eclipse.aether.util.repository.SimpleResolutionErrorPolicy;

/**
 * Maven's {@code settings.xml}: mirrors, proxies, servers, repositories, where the local one is.
 */
final class MavenSettings {
  /** Packagings whose artifact is a jar all the same. */
  private static final List<String> JAR_PACKAGINGS =
      List.of("bundle", "eclipse-plugin", "hk2-jar", "orbit");

  private final Settings settings;

  private MavenSettings(Settings settings) {
    this.settings = settings;
  }

  private static Path mavenFolder() {
    return Path.of(System.getProperty("user.home"), ".m2");
  }

  /**
   * Reads the user's {@code settings.xml} and that of {@code MAVEN_HOME}.
   *
   * @throws IllegalArgumentException if one is malformed
   */
  static MavenSettings read() {
    DefaultSettingsBuildingRequest request = new DefaultSettingsBuildingRequest();
    request.setUserSettingsFile(mavenFolder().resolve("settings.xml").toFile());
    String maven = System.getenv("MAVEN_HOME");
    if (maven != null) {
      request.setGlobalSettingsFile(Path.of(maven, "conf", "settings.xml").toFile());
    }
    Properties properties = new Properties();
    System.getenv().forEach((name, value) -> properties.setProperty("env." + name, value));
    properties.putAll(System.getProperties());
    request.setSystemProperties(properties);
    try {
      return new MavenSettings(
          new DefaultSettingsBuilderFactory().newInstance().build(request).getEffectiveSettings());
    } catch (SettingsBuildingException e) {
      throw new IllegalArgumentException(
          "Maven's settings.xml cannot be read: " + e.getMessage(), e);
    }
  }

  /** A session that obeys the settings and tells of downloads. */
  RepositorySystemSession newSession(RepositorySystem system) {
    DefaultRepositorySystemSession made = MavenRepositorySystemUtils.newSession();
    made.setOffline(settings.isOffline());
    made.setSystemProperties(System.getProperties());
    made.setResolutionErrorPolicy(new SimpleResolutionErrorPolicy(false, false));
    made.setTransferListener(new Progress());
    DefaultArtifactTypeRegistry types =
        (DefaultArtifactTypeRegistry) made.getArtifactTypeRegistry();
    for (String packaging : JAR_PACKAGINGS) {
      ArtifactType type = new DefaultArtifactType(packaging, "jar", "", "java");
      types.add(type);
    }
    SettingsDecryptionResult decrypted = decrypt();
    DefaultMirrorSelector mirrors = new DefaultMirrorSelector();
    for (Mirror m : settings.getMirrors()) {
      mirrors.add(
          m.getId(),
          m.getUrl(),
          m.getLayout(),
          false,
          m.isBlocked(),
          m.getMirrorOf(),
          m.getMirrorOfLayouts());
    }
    made.setMirrorSelector(mirrors);
    DefaultProxySelector proxies = new DefaultProxySelector();
    for (Proxy p : decrypted.getProxies()) {
      if (p.isActive()) {
        AuthenticationBuilder user = new AuthenticationBuilder();
        user.addUsername(p.getUsername()).addPassword(p.getPassword());
        proxies.add(
            new org.eclipse.aether.repository.Proxy(
                p.getProtocol(), p.getHost(), p.getPort(), user.build()),
            p.getNonProxyHosts());
      }
    }
    made.setProxySelector(proxies);
    DefaultAuthenticationSelector servers = new DefaultAuthenticationSelector();
    for (Server s : decrypted.getServers()) {
      AuthenticationBuilder user = new AuthenticationBuilder();
      user.addUsername(s.getUsername()).addPassword(s.getPassword());
      user.addPrivateKey(s.getPrivateKey(), s.getPassphrase());
      servers.add(s.getId(), user.build());
    }
    made.setAuthenticationSelector(servers);
    made.setLocalRepositoryManager(
        system.newLocalRepositoryManager(made, new LocalRepository(localRepository().toFile())));
    made.setReadOnly();
    return made;
  }

  private SettingsDecryptionResult decrypt() {
    return new DefaultSettingsDecrypter(
            new org.sonatype.plexus.components.sec.dispatcher.DefaultSecDispatcher(
                new org.sonatype.plexus.components.cipher.DefaultPlexusCipher(),
                Map.of(),
                mavenFolder().resolve("settings-security.xml").toString()))
        .decrypt(new DefaultSettingsDecryptionRequest(settings));
  }

  /** The repositories of profiles that are active by default. */
  List<org.apache.maven.settings.Repository> activeRepositories() {
    return settings.getProfiles().stream()
        .filter(profile -> settings.getActiveProfiles().contains(profile.getId()))
        .flatMap(profile -> profile.getRepositories().stream())
        .toList();
  }

  boolean isOffline() {
    return settings.isOffline();
  }

  /** Where Maven keeps what it has downloaded. */
  Path localRepository() {
    String property = System.getProperty("maven.repo.local");
    String own = property == null ? settings.getLocalRepository() : property;
    return own == null || own.isBlank() ? mavenFolder().resolve("repository") : Path.of(own);
  }

  /** Says which jars were downloaded. */
  private static final class Progress extends AbstractTransferListener {
    @Override
    public void transferSucceeded(TransferEvent event) {
      File file = event.getResource().getFile();
      if (file != null && file.getName().contains(".jar")) {
        System.out.printf(
            Locale.ROOT,
            "downloaded %s (%.1f MB)%n",
            Path.of(event.getResource().getResourceName()).getFileName(),
            event.getTransferredBytes() / 1e6);
      }
    }
  }
}
