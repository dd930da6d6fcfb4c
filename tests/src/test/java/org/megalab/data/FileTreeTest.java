package org.megalab.data;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.megalab.data.file.Decoding;
import org.megalab.data.file.Document;
import org.megalab.data.file.MediaFiles;

class FileTreeTest {
  private static final HashSplit ALL = new HashSplit(100, 0);

  @TempDir Path folder;

  private void file(String path, String text) throws IOException {
    file(path, text.getBytes(ISO_8859_1));
  }

  private void file(String path, byte[] bytes) throws IOException {
    Path file = folder.resolve(path);
    Files.createDirectories(file.resolveSibling("."));
    Files.write(file, bytes);
  }

  private static List<String> names(Split split) {
    return split.documents().stream().map(Document::name).toList();
  }

  private Corpus open(String... endings) {
    return FileTree.open(folder, Set.of(endings), ALL, Decoding.DEFAULT);
  }

  @Test
  void takesTreesAndArchivesInOrder() throws IOException {
    file("src/b/B.java", "class B {}");
    file("src/a.JAVA", "class A {}");
    file("src/package-info.java", "");
    file("src/notes.txt", "text");
    file("src/java", "no ending");
    file(".git/X.java", "class X {}");
    file("src/.Hidden.java", "class H {}");
    file("lib/c.jar", MediaFiles.zip("z/C.java", "class C {}", "META-INF/MANIFEST.MF", "x"));
    Files.createSymbolicLink(folder.resolve("link"), folder.resolve("src"));
    Files.createSymbolicLink(folder.resolve("L.java"), folder.resolve("src/b/B.java"));
    assertThat(names(open("java").train()))
        .containsExactly("c.jar!/z/C.java", "src/a.JAVA", "src/b/B.java", "src/java");
    assertThat(names(open().train())).hasSize(6).contains("c.jar!/META-INF/MANIFEST.MF");
    Document member = open("java").train().documents().get(0);
    assertThat(new String(member.read(6, 1), ISO_8859_1)).isEqualTo("C");
  }

  @Test
  void foldersOfSplitsAreKept() throws IOException {
    file("train/deep/a.py", "a");
    file("val/b.py", "b");
    file("test/c.zip", MediaFiles.zip("c.py", "c", "d.txt", "d"));
    file("other.py", "x");
    Corpus corpus = FileTree.sourceCode(folder);
    assertThat(names(corpus.train())).containsExactly("deep/a.py");
    assertThat(names(corpus.validation())).containsExactly("b.py");
    assertThat(names(corpus.test())).containsExactly("c.zip!/c.py");
    Files.delete(folder.resolve("val/b.py"));
    assertThatThrownBy(() -> FileTree.open(folder))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(folder.resolve("val").toString(), "no files");
  }

  @Test
  void hashDecidesOnTheSplit() throws IOException {
    for (int i = 0; i < 1000; i++) {
      file("d%d/f%d".formatted(i % 7, i), "x");
    }
    Corpus corpus = FileTree.open(folder);
    assertThat(corpus.train().documents()).hasSizeBetween(860, 940);
    assertThat(corpus.validation().documents()).hasSizeBetween(25, 75);
    assertThat(corpus.test().documents()).hasSizeBetween(25, 75);
    List<String> before = names(corpus.train());
    file("new", "x");
    List<String> after = new ArrayList<>(names(FileTree.open(folder).train()));
    after.remove("new");
    assertThat(after).isEqualTo(before);
  }

  /** printf a | sha256sum gives ca978112…: 0xca978112 = 3398926610, modulo 100: 10. */
  @Test
  void hashIsAsDocumented() {
    assertThat(new HashSplit(11, 5).part("a")).isEqualTo("train");
    assertThat(new HashSplit(10, 1).part("a")).isEqualTo("validation");
    assertThat(new HashSplit(10, 0).part("a")).isEqualTo("test");
    assertThatThrownBy(() -> new HashSplit(0, 5)).hasMessageContaining("0 % to learn from");
    assertThatThrownBy(() -> new HashSplit(96, 5)).hasMessageContaining("at most 100 together");
  }

  @Test
  void theSameFileOfTwoVersionsIsInOneSplit() throws IOException {
    String[] members = new String[80];
    for (int i = 0; i < members.length; i += 2) {
      members[i] = "org/F" + i + ".java";
      members[i + 1] = "class F {}";
    }
    file("lib-1.jar", MediaFiles.zip(members));
    file("lib-2.jar", MediaFiles.zip(members));
    Corpus corpus = FileTree.open(folder, Set.of(), new HashSplit(50, 25), Decoding.DEFAULT);
    for (Split split : List.of(corpus.train(), corpus.validation(), corpus.test())) {
      assertThat(names(split).stream().filter(name -> name.startsWith("lib-1")).toList())
          .isNotEmpty()
          .isEqualTo(
              names(split).stream()
                  .filter(name -> name.startsWith("lib-2"))
                  .map(name -> name.replace("lib-2", "lib-1"))
                  .toList());
    }
  }

  @Test
  void textMayHaveToBeUtf8() throws IOException {
    file("good.py", "ok");
    file("z/latin.py", "caf\u00e9 ");
    Decoding strict = Decoding.DEFAULT.withUtf8();
    assertThatThrownBy(() -> FileTree.open(folder, Set.of("py"), ALL, strict))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(folder.resolve("z/latin.py").toString(), "at byte 4", "UTF-8");
    Files.delete(folder.resolve("z/latin.py"));
    file("z.zip", MediaFiles.zip("fine.py", "\u00e9"));
    assertThat(FileTree.open(folder, Set.of("py"), ALL, strict).train().documents()).hasSize(2);
  }

  @Test
  void nothingToReadIsExplained() throws IOException {
    assertThatThrownBy(() -> FileTree.open(folder.resolve("gone")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("gone", "no such folder");
    file("a.txt", "x");
    assertThatThrownBy(() -> open("java"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(folder.toString(), "0 documents", "end in [java]");
    file("bad.jar", "no archive");
    assertThatThrownBy(() -> open("java"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("bad.jar", "at byte 0", "50 4b");
  }

  @Test
  void oneArchiveIsATree() throws IOException {
    file("one.jar", MediaFiles.zip("A.java", "class A {}"));
    Corpus corpus = FileTree.open(folder.resolve("one.jar"), Set.of(), ALL, Decoding.DEFAULT);
    assertThat(names(corpus.train())).containsExactly("one.jar!/A.java");
    assertThat(corpus.folder()).isNull();
  }

  @Test
  void shippedCodeComesInThreeSplits() {
    Corpus code = Corpus.named("code");
    assertThat(code.name()).isEqualTo("code");
    assertThat(names(code.train()))
        .allMatch(name -> name.endsWith(".java"))
        .hasSizeGreaterThan(150);
    assertThat(names(code.validation())).isNotEmpty();
    assertThat(names(code.test())).isNotEmpty();
    assertThat(code.verify()).isSameAs(code);
    RandomWindows windows = new RandomWindows(code.train(), 2048, 2, 1);
    assertThat(windows.skipped()).isPositive();
    assertThat(windows.batch(3)[1]).hasSize(2048);
    long bytes = 0;
    for (Window window : new SequentialWindows(code.test(), 2048)) {
      bytes += window.length();
    }
    assertThat(bytes).isEqualTo(code.test().bytes());
  }
}
