package org.megalab;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The library's packages and who may use whom. */
class ArchitectureTest {

  private static final String ROOT = "org.megalab.";

  /** Every package of the library, and the others of the library that it may use. */
  private static final Map<String, Set<String>> MAY_USE =
      Map.ofEntries(
          Map.entry(
              "bench",
              Set.of(
                  "train",
                  "generate",
                  "evaluate",
                  "model",
                  "layer",
                  "data",
                  "torchscript",
                  "json")),
          Map.entry("torchscript", Set.of()),
          Map.entry("json", Set.of()),
          Map.entry("layer", Set.of("torchscript")),
          Map.entry("model", Set.of("layer", "torchscript", "json")),
          Map.entry("data", Set.of("json")),
          Map.entry("evaluate", Set.of("model", "data", "torchscript")),
          Map.entry("interop", Set.of("model", "layer", "data", "torchscript", "json")),
          Map.entry("train", Set.of("model", "data", "evaluate", "interop", "torchscript", "json")),
          Map.entry("generate", Set.of("model", "data", "torchscript", "json")),
          Map.entry("experiment", Set.of("train", "evaluate", "model", "data", "json")),
          Map.entry("plot", Set.of()));

  /** The packages that may use no library but the ones named, next to Java itself. */
  private static final Map<String, String[]> ONLY_LIBRARIES =
      Map.of(
          "torchscript", new String[] {"ai.djl..", "com.sun.jna..", "org.slf4j.."},
          "json", new String[] {"com.google.gson.."},
          "data", new String[] {ROOT + "json..", "com.google.gson..", "javax.imageio.."});

  private static final JavaClasses LIBRARY =
      new ClassFileImporter()
          .importPath(Path.of(System.getProperty("megalab.root"), "src", "target", "classes"));

  static Stream<String> packages() {
    return MAY_USE.keySet().stream().filter(name -> present().contains(name)).sorted();
  }

  static Stream<String> plainPackages() {
    return ONLY_LIBRARIES.keySet().stream().sorted();
  }

  private static Set<String> present() {
    return LIBRARY.stream()
        .map(type -> type.getPackageName().substring(ROOT.length()).split("\\.", -1)[0])
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void everyPackageHasItsRow() {
    assertThat(present())
        .contains("torchscript", "layer", "model", "data", "train")
        .isSubsetOf(MAY_USE.keySet());
  }

  @ParameterizedTest
  @MethodSource("packages")
  void usesOnlyWhatItsRowAllows(String name) {
    List<String> forbidden = new ArrayList<>(present());
    forbidden.remove(name);
    forbidden.removeAll(MAY_USE.get(name));
    noClasses()
        .that()
        .resideInAPackage(ROOT + name + "..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            forbidden.stream().map(other -> ROOT + other + "..").toArray(String[]::new))
        .check(LIBRARY);
  }

  @ParameterizedTest
  @MethodSource("plainPackages")
  void staysFreeOfOtherLibraries(String name) {
    classes()
        .that()
        .resideInAPackage(ROOT + name + "..")
        .should()
        .onlyDependOnClassesThat(
            resideInAnyPackage("java..", "org.jspecify..", ROOT + name + "..")
                .or(resideInAnyPackage(ONLY_LIBRARIES.get(name))))
        .check(LIBRARY);
  }

  @Test
  void onlyTorchscriptTouchesTheEnginesInternals() {
    noClasses()
        .that(not(resideInAPackage(ROOT + "torchscript..")))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("ai.djl.pytorch..")
        .check(LIBRARY);
  }

  @Test
  void knowsNothingOfJupyterOrTheCommandLine() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io.github.spencerpark..",
            "picocli..",
            ROOT + "magics..",
            ROOT + "kernel..",
            ROOT + "notebook..",
            ROOT + "cli..")
        .check(LIBRARY);
  }

  @Test
  void hasNoCycles() {
    slices().matching(ROOT + "(*)..").should().beFreeOfCycles().check(LIBRARY);
  }

  @Test
  void neverEndsTheProcess() {
    noClasses()
        .should()
        .callMethod(System.class, "exit", int.class)
        .orShould()
        .callMethod(Runtime.class, "exit", int.class)
        .orShould()
        .callMethod(Runtime.class, "halt", int.class)
        .check(LIBRARY);
  }

  @Test
  void everyPackageIsNullMarked() {
    Map<String, Boolean> marked = new TreeMap<>();
    for (JavaClass type : LIBRARY) {
      marked.put(type.getPackageName(), type.getPackage().isAnnotatedWith(NullMarked.class));
    }
    assertThat(marked).doesNotContainValue(false);
  }
}
