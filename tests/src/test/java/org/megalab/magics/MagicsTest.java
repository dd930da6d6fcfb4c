package org.megalab.magics;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What tells about magics, the device and variables. */
class MagicsTest extends MagicsFixture {

  @Test
  void lsmagicListsAllAndEachHasHelp() throws Exception {
    line("lsmagic");
    for (MagicCommands.Entry entry : new MagicCommands(new Session(kernel)).entries()) {
      assertThat(last("text/html")).contains(">" + entry.display() + "<");
      line("help", entry.name());
      assertThat(stdout()).contains("Usage: " + entry.display());
    }
    line("help", "%train");
    line("help", "%%model");
    assertThat(stdout()).contains("megalodon, perceiver-ar");
    line("help");
    assertThat(last("text/html")).contains("%train");
  }

  @Test
  void deviceIsShownAndChosen() throws Exception {
    line("device");
    line("device", "cpu");
    assertThat(stdout()).startsWith("device cpu  (PyTorch ").contains("CPU cores");
  }

  @Test
  void summaryTellsAboutAnyVariable() throws Exception {
    line("summary");
    assertThat(last("text/html")).contains("megabyte", ">100.00<");
    line("summary", "corpus");
    assertThat(last("text/html")).contains("corpus text");
    kernel.evalRaw("var words = \"any value\";");
    line("summary", "words");
    assertThat(last("text/plain")).isEqualTo("any value");
  }
}
