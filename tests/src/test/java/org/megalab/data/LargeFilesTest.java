package org.megalab.data;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.Gson;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.megalab.data.file.Document;

/** Large files stream through the loaders with a heap of 256 MiB. */
@Timeout(300)
class LargeFilesTest {
  @TempDir Path folder;

  @Test
  void streamWithASmallHeap() throws Exception {
    assumeTrue(Files.getFileStore(folder).getUsableSpace() > 1L << 30, "needs 1 GiB of disk");
    String classPath =
        Stream.of(Document.class, LargeFiles.class, Gson.class)
            .map(
                type ->
                    new File(type.getProtectionDomain().getCodeSource().getLocation().getPath()))
            .map(File::getPath)
            .collect(Collectors.joining(File.pathSeparator));
    Path temporary = Files.createDirectory(folder.resolve("temporary"));
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-Djava.io.tmpdir=" + temporary,
                "-cp",
                classPath,
                LargeFiles.class.getName(),
                folder.toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(output).isZero();
    assertThat(output.lines())
        .containsExactly(
            "text: 67108864 bytes, 1 documents",
            "gzip: 67108864 bytes, 1 documents",
            "jsonl: 67108864 bytes, 67109 documents",
            "sparse: 2147483648 bytes");
    assertThat(temporary).isEmptyDirectory(); // what was decoded went with the process
  }
}
