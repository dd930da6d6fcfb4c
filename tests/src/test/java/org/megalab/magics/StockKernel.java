package org.megalab.magics;

import io.github.spencerpark.jupyter.channels.ShellReplyEnvironment;
import io.github.spencerpark.jupyter.kernel.BaseKernel;
import io.github.spencerpark.jupyter.kernel.JupyterIO;
import io.github.spencerpark.jupyter.kernel.LanguageInfo;
import io.github.spencerpark.jupyter.kernel.display.DisplayData;
import io.github.spencerpark.jupyter.kernel.magic.registry.Magics;
import io.github.spencerpark.jupyter.messages.ContentType;
import io.github.spencerpark.jupyter.messages.publish.PublishDisplayData;
import io.github.spencerpark.jupyter.messages.publish.PublishUpdateDisplayData;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import jdk.jshell.JShell;
import jdk.jshell.Snippet;
import jdk.jshell.SnippetEvent;
import jdk.jshell.execution.LocalExecutionControl;
import jdk.jshell.spi.ExecutionControl;
import jdk.jshell.spi.ExecutionControlProvider;
import jdk.jshell.spi.ExecutionEnv;

/**
 * What IJava 1.3.0 offers to magics, and nothing else: a kernel of the base library with {@code
 * getMagics()} and {@code evalRaw(String)} over a plain JShell. It keeps what is displayed.
 */
public class StockKernel extends BaseKernel implements AutoCloseable {

  /** What was shown by display_data, in order. */
  final List<DisplayData> shown = new ArrayList<>();

  /** What was sent by update_display_data, in order. */
  final List<DisplayData> updates = new ArrayList<>();

  private final Magics magics = new Magics();
  private final Execution execution = new Execution();
  private final Evaluator evaluator =
      new Evaluator(JShell.builder().executionEngine(execution.provider(), Map.of()).build());

  /** Where IJava keeps its JShell. */
  public record Evaluator(JShell getShell) {}

  StockKernel() throws ReflectiveOperationException {
    evaluator.getShell().addToClasspath(System.getProperty("java.class.path"));
    // The base library does this for each cell.
    Method setEnv = JupyterIO.class.getDeclaredMethod("setEnv", ShellReplyEnvironment.class);
    setEnv.setAccessible(true);
    setEnv.invoke(getIO(), new Recorder());
  }

  public Magics getMagics() {
    return magics;
  }

  /** Runs snippets; returns the last one's live value. */
  public Object evalRaw(String code) throws Exception {
    execution.value = null;
    String rest = code;
    while (!rest.isBlank()) {
      var info = evaluator.getShell().sourceCodeAnalysis().analyzeCompletion(rest);
      for (SnippetEvent event : evaluator.getShell().eval(info.source())) {
        if (event.exception() != null) {
          throw event.exception();
        }
        if (event.status() == Snippet.Status.REJECTED) {
          throw new IllegalArgumentException("does not compile: " + info.source());
        }
      }
      rest = info.remaining();
    }
    return execution.value;
  }

  @Override
  public DisplayData eval(String code) throws Exception {
    return getRenderer().render(evalRaw(code));
  }

  @Override
  public LanguageInfo getLanguageInfo() {
    return new LanguageInfo.Builder("Java").build();
  }

  @Override
  public void close() {
    evaluator.getShell().close();
  }

  /** Runs snippets in this process and keeps their values. */
  private static final class Execution extends LocalExecutionControl {
    private Object value;

    @Override
    protected String invoke(Method method) throws Exception {
      value = method.invoke(null);
      return "";
    }

    ExecutionControlProvider provider() {
      return new ExecutionControlProvider() {
        @Override
        public String name() {
          return "stock";
        }

        @Override
        public ExecutionControl generate(ExecutionEnv environment, Map<String, String> options) {
          return Execution.this;
        }
      };
    }
  }

  /** Takes the place of the client's socket. */
  private final class Recorder extends ShellReplyEnvironment {
    Recorder() {
      super(null, null, null, null);
    }

    @Override
    public <T extends ContentType<T>> void publish(T content) {
      if (content instanceof PublishUpdateDisplayData data) {
        updates.add(data);
      } else if (content instanceof PublishDisplayData data) {
        shown.add(data);
      }
    }
  }
}
