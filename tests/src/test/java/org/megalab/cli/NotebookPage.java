package org.megalab.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.openqa.selenium.By;
import org.openqa.selenium.Dimension;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;

/** A notebook that is open in the classic Jupyter, used as a person uses it. */
final class NotebookPage {
  private static final Duration START = Duration.ofMinutes(2);
  private static final int POLL_MILLIS = 100;
  private static final By RUN_ALL = By.id("run_all_cells");
  private static final By RUN =
      By.cssSelector("button[data-jupyter-action='jupyter-notebook:run-cell-and-select-next']");
  private static final By INTERRUPT =
      By.cssSelector("button[data-jupyter-action='jupyter-notebook:interrupt-kernel']");

  private final ChromeDriver browser;

  /** Opens an address and waits until its kernel is connected. */
  NotebookPage(ChromeDriver browser, String url) {
    this.browser = browser;
    browser.get(url);
    await(START, () -> is("window.Jupyter && Jupyter.notebook && Jupyter.notebook._fully_loaded"));
    await(START, () -> is("Jupyter.notebook.kernel && Jupyter.notebook.kernel.is_connected()"));
  }

  private boolean is(String expression) {
    return Boolean.TRUE.equals(browser.executeScript("return Boolean(" + expression + ");"));
  }

  /** Waits until a condition holds; the error shows the page's text. */
  void await(Duration limit, BooleanSupplier condition) {
    long deadline = System.nanoTime() + limit.toNanos();
    while (!holds(condition)) {
      if (System.nanoTime() > deadline) {
        String page = browser.findElement(By.tagName("body")).getText();
        throw new AssertionError("not so after " + limit.toSeconds() + " s; the page:\n" + page);
      }
      try {
        Thread.sleep(POLL_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError("interrupted while waiting", e);
      }
    }
  }

  private static boolean holds(BooleanSupplier condition) {
    try {
      return condition.getAsBoolean();
    } catch (StaleElementReferenceException e) {
      return false; // an output was replaced meanwhile
    }
  }

  /** Chooses <i>Run All</i> in the menu <i>Cell</i>. */
  void runAll() {
    browser.findElement(By.xpath("//li[contains(@class,'dropdown')]/a[text()='Cell']")).click();
    await(START, () -> browser.findElement(RUN_ALL).isDisplayed());
    browser.findElement(RUN_ALL).click();
  }

  /** Selects a code cell and presses <i>Run</i>. */
  void run(int cell) {
    cell(cell).findElement(By.cssSelector("div.CodeMirror")).click();
    browser.findElement(RUN).click();
  }

  /** Presses the black square of the toolbar. */
  void interrupt() {
    browser.findElement(INTERRUPT).click();
  }

  /** Whether no cell is running or waiting. */
  boolean isIdle() {
    return browser.findElements(By.cssSelector("div.code_cell.running")).isEmpty()
        && is("Jupyter.notebook.get_cells().every(c => c.input_prompt_number !== '*')");
  }

  /** Waits for the end of all cells; returns the different texts that one of them showed so far. */
  Set<String> awaitIdle(Duration limit, int watchedCell) {
    Set<String> texts = new LinkedHashSet<>();
    await(
        limit,
        () -> {
          texts.add(output(watchedCell));
          return isIdle();
        });
    return texts;
  }

  private WebElement cell(int index) {
    return browser.findElements(By.cssSelector("div.code_cell")).get(index);
  }

  /** The text of a code cell's outputs, counted from 0. */
  String output(int cell) {
    return cell(cell).findElement(By.cssSelector("div.output_wrapper")).getText();
  }

  /** The prompt of a code cell, such as {@code In [3]:}. */
  String prompt(int cell) {
    return cell(cell).findElement(By.cssSelector("div.input_prompt")).getText();
  }

  /** The texts of what the outputs hold under a selector. */
  List<String> shown(String selector) {
    List<String> texts = new ArrayList<>();
    for (WebElement element : browser.findElements(By.cssSelector("div.output " + selector))) {
      texts.add(element.getText());
    }
    return texts;
  }

  /** The sizes at which pictures are seen; an undecodable one counts as nothing. */
  List<Dimension> pictures() {
    List<Dimension> sizes = new ArrayList<>();
    for (WebElement picture :
        browser.findElements(By.cssSelector("div.output img, div.output_svg svg"))) {
      boolean decoded =
          Boolean.TRUE.equals(
              browser.executeScript(
                  "return !('naturalWidth' in arguments[0]) || arguments[0].naturalWidth > 0;",
                  picture));
      sizes.add(decoded ? picture.getSize() : new Dimension(0, 0));
    }
    return sizes;
  }

  /** Keeps a picture of the page from a code cell on. */
  void screenshot(int cell, Path file) throws IOException {
    browser.executeScript("arguments[0].scrollIntoView();", cell(cell));
    Files.createDirectories(file.getParent());
    Files.write(file, browser.getScreenshotAs(OutputType.BYTES));
  }
}
