package org.megalab.magics;

import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.megalab.train.Run;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code %stop [NAME]}. */
@Command(
    description = {
      "Ends a training that %%train --background started: after the step under way its checkpoint is"
          + " written, the model is usable, and %%train --resume goes on.",
      "Without a name, the one that runs."
    })
final class StopMagic implements Callable<@Nullable Object> {
  private final MagicCommands.Call call;

  @Parameters(
      arity = "0..1",
      paramLabel = "NAME",
      completionCandidates = Candidates.Trainings.class,
      description = "The run's variable.")
  private @Nullable String name;

  @Option(names = "--all", description = "Ends all of them.")
  private boolean all;

  StopMagic(MagicCommands.Call call) {
    this.call = call;
  }

  @Override
  public @Nullable Object call() throws InterruptedException {
    BackgroundTrainings trainings = call.session().trainings();
    List<BackgroundTraining> running = trainings.running();
    if (name != null) {
      if (all) {
        throw new IllegalArgumentException("say either the name " + name + " or --all");
      }
      return stop(trainings.named(name));
    }
    if (running.isEmpty()) {
      System.out.println("Nothing runs in the background.");
      return null;
    }
    if (running.size() > 1 && !all) {
      throw new IllegalArgumentException(
          "several trainings run: say %stop NAME or %stop --all; "
              + BackgroundTrainings.names(running));
    }
    running.forEach(BackgroundTraining::interrupt);
    Run last = null;
    for (BackgroundTraining each : running) {
      last = stop(each);
    }
    return last;
  }

  private @Nullable Run stop(BackgroundTraining training) throws InterruptedException {
    Run run = training.stop();
    if (run != null) {
      call.session().define(training.name(), Run.class, run);
    }
    System.out.printf("%s: %s%n", training.name(), training.state());
    return run;
  }
}
