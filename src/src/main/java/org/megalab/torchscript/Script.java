package org.megalab.torchscript;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The functions of one TorchScript file, callable over {@link NDArray}s.
 *
 * <pre>
 * private static final Script SCRIPT = Script.resource(RmsNorm.class, "rms_norm");
 * NDArray y = SCRIPT.call("forward", training, x, weight, 1e-6);
 * </pre>
 *
 * An argument is an {@link NDArray} ({@code Tensor}), an {@link NDList} ({@code List[Tensor]}), an
 * integer ({@code int}), a {@code double} ({@code float}), a {@code boolean} ({@code bool}) or a
 * {@code long[]} ({@code List[int]}). Results belong to the manager of the first array among the
 * arguments.
 *
 * <p>With {@code training} the call takes part in autograd. Without it the result is an
 * <i>inference tensor</i>, which autograd refuses: make constants that training uses (rotary
 * tables) with {@code training} on.
 *
 * <p>A function may return bfloat16 only where one of its arguments is, which began with {@link
 * Precision#BFLOAT16}; else it fails with a {@link ScriptException}: an {@code NDArray} of that
 * type aborts the JVM as soon as Java creates, casts or decodes one. What Java may do with it,
 * {@link Tensors#bfloat16} says.
 *
 * <p>The compiled module belongs to this object until {@link #close()}; scripts held in static
 * fields live as long as the JVM. Calls are safe from several threads.
 */
public final class Script implements AutoCloseable {

  /** The environment variable that keeps scripts from being fused where it is 0. */
  public static final String FUSION_VARIABLE = "MEGALAB_FUSION";

  private static final boolean FUSION = !"0".equals(System.getenv(FUSION_VARIABLE));

  /** How this thread's graph executor is set; unknown at first. */
  private static final ThreadLocal<@Nullable Boolean> OPTIMIZES = new ThreadLocal<>();

  /** Whether this thread is in {@link #fused}. */
  private static final ThreadLocal<Boolean> FUSES = ThreadLocal.withInitial(() -> false);

  private final ScriptArchive archive;
  private final boolean fuses;
  private @Nullable PtNDManager manager;
  private @Nullable PtSymbolBlock module;

  private Script(ScriptArchive archive, boolean fuses) {
    this.archive = archive;
    this.fuses = fuses;
  }

  /**
   * Returns the script {@code name.py} that lies beside a class; it is compiled at the first call.
   *
   * @param owner the class whose package holds the file and what it imports
   * @param name the file's name without {@code .py}
   * @throws ScriptException if a file is missing or a definition is malformed
   */
  public static Script resource(Class<?> owner, String name) {
    return resource(owner, name, false);
  }

  /**
   * As {@link #resource}; on a GPU, where nothing is recorded, chains of element-wise operations
   * become single kernels. They are compiled at the first calls of every shape, by CUDA's NVRTC.
   * The environment variable {@value #FUSION_VARIABLE}{@code =0} leaves them as they are.
   */
  public static Script fusing(Class<?> owner, String name) {
    return resource(owner, name, true);
  }

  /**
   * Runs something in which all scripts are as those of {@link #fusing}: for work whose shapes stay
   * the same.
   */
  public static void fused(Runnable work) {
    boolean before = FUSES.get();
    FUSES.set(true);
    try {
      work.run();
    } finally {
      FUSES.set(before);
    }
  }

  private static Script resource(Class<?> owner, String name, boolean fuses) {
    return new Script(
        new ScriptArchive(
            ScriptSource.resource(owner, name), other -> ScriptSource.imported(owner, other)),
        fuses);
  }

  /**
   * Returns a script from text, as for an experiment in a notebook cell.
   *
   * @param name a Python identifier that errors show as the file's name
   * @param source the functions
   * @throws ScriptException if it does not compile
   */
  public static Script source(String name, String source) {
    Script script =
        new Script(
            new ScriptArchive(
                ScriptSource.of(name, source),
                other -> {
                  throw new ScriptException(
                      name + ".py", 0, "import " + other, "a script from text cannot import");
                }),
            false);
    script.module();
    return script;
  }

  /**
   * Calls a function with one tensor as its result.
   *
   * @param function the function's name
   * @param training whether the result takes part in autograd
   * @param arguments the arguments, see the class comment
   * @return the result, owned by the manager of the first array among the arguments
   * @throws ScriptException if the file does not compile, the call fails, or the result is not one
   *     tensor of a type that Java can hold
   * @throws DeviceMemoryException if memory is short
   */
  public NDArray call(String function, boolean training, Object... arguments) {
    return single(function, callAll(function, training, arguments));
  }

  /** As {@link #callAll}, for the functions that make bfloat16 of something else. */
  NDList roundedCall(String function, boolean training, Object argument) {
    return run(function, training, argument);
  }

  private NDArray single(String function, NDList results) {
    int count = results.size();
    if (count != 1) {
      results.close();
      throw new ScriptException(
          archive.name() + ".py",
          0,
          "",
          function + " returned " + count + " tensors; use callAll for several");
    }
    return results.get(0);
  }

  /**
   * Calls a function whose result is a tensor, or a tuple or list of tensors.
   *
   * @param function the function's name
   * @param training whether the results take part in autograd
   * @param arguments the arguments, see the class comment
   * @return the results in order, owned by the manager of the first array among the arguments
   * @throws ScriptException if the file does not compile, the call fails, or a result is of a type
   *     that Java cannot hold
   * @throws DeviceMemoryException if memory is short
   */
  public NDList callAll(String function, boolean training, Object... arguments) {
    return checked(function, run(function, training, arguments), arguments);
  }

  private NDList run(String function, boolean training, Object... arguments) {
    PtNDManager owner = managerOf(function, arguments);
    PtSymbolBlock block = module();
    optimize(
        (fuses || FUSES.get())
            && FUSION
            && owner.getDevice().isGpu()
            && !(training && JniUtils.isGradMode()));
    IValue[] values = new IValue[arguments.length];
    try {
      for (int i = 0; i < arguments.length; i++) {
        values[i] = toIValue(function, arguments[i]);
      }
      long[] handles = Arrays.stream(values).mapToLong(IValue::getHandle).toArray();
      try (IValue result = ModuleCall.run(block, function, handles, training)) {
        return result.toNDList(owner);
      }
    } catch (EngineException e) {
      throw DeviceMemoryException.translate(ScriptException.translate(advised(e), archive));
    } finally {
      for (IValue value : values) {
        if (value != null) {
          value.close();
        }
      }
    }
  }

  private EngineException advised(EngineException e) {
    String message = String.valueOf(e.getMessage());
    return message.toLowerCase(Locale.ROOT).contains("nvrtc")
        ? new EngineException(
            message
                + "\nset "
                + FUSION_VARIABLE
                + "=0, or put the folder of CUDA's NVRTC into LD_LIBRARY_PATH",
            e)
        : e;
  }

  /**
   * Releases the compiled module. A later call compiles it again; a call under way on another
   * thread must have ended.
   */
  @Override
  public synchronized void close() {
    if (module != null) {
      module.close();
      module = null;
    }
    if (manager != null) {
      manager.close();
      manager = null;
    }
  }

  private synchronized PtSymbolBlock module() {
    if (module == null) {
      // A module without parameters runs on every device; its manager keeps the handle.
      manager = (PtNDManager) Libtorch.engine().newBaseManager(Device.cpu());
      try {
        module =
            JniUtils.loadModule(manager, new ByteArrayInputStream(archive.bytes()), false, false);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (EngineException e) {
        manager.close();
        manager = null;
        throw ScriptException.translate(e, archive);
      }
    }
    return module;
  }

  /**
   * Turns the profiling graph executor of this thread off, or on for a script that fuses. Where
   * gradients are recorded it replaces autograd by formulas of its own, some of them wrong in mixed
   * precision; and it makes the first calls of every shape slow.
   */
  private static void optimize(boolean on) {
    Boolean before = OPTIMIZES.get();
    if (before == null || before != on) {
      JniUtils.setGraphExecutorOptimize(on);
      OPTIMIZES.set(on);
    }
  }

  private NDList checked(String function, NDList results, Object[] arguments) {
    for (NDArray result : results) {
      boolean allowed =
          TensorTypes.isSupported(result.getDataType())
              || TensorTypes.isBfloat16(result) && takesBfloat16(arguments);
      if (!allowed) {
        results.close();
        throw new ScriptException(
            archive.name() + ".py",
            0,
            "",
            function
                + " returned a tensor of a type that Java cannot hold, such as bfloat16; end it"
                + " with .to(torch.float32)");
      }
    }
    return results;
  }

  private static boolean takesBfloat16(Object[] arguments) {
    return Arrays.stream(arguments)
        .flatMap(a -> a instanceof NDList list ? list.stream() : Stream.of(a))
        .anyMatch(a -> a instanceof NDArray array && TensorTypes.isBfloat16(array));
  }

  private PtNDManager managerOf(String function, Object[] arguments) {
    for (Object argument : arguments) {
      if (argument instanceof NDArray array) {
        return (PtNDManager) array.getManager();
      } else if (argument instanceof NDList list && !list.isEmpty()) {
        return (PtNDManager) list.get(0).getManager();
      }
    }
    throw new IllegalArgumentException(
        function + " of " + archive.name() + ".py needs at least one NDArray argument");
  }

  private IValue toIValue(String function, @Nullable Object argument) {
    if (argument instanceof PtNDArray array) {
      return IValue.from(array);
    } else if (argument instanceof NDList list) {
      return IValue.listFrom(list.stream().map(PtNDArray.class::cast).toArray(PtNDArray[]::new));
    } else if (argument instanceof Integer || argument instanceof Long) {
      return IValue.from(((Number) argument).longValue());
    } else if (argument instanceof Float || argument instanceof Double) {
      return IValue.from(((Number) argument).doubleValue());
    } else if (argument instanceof Boolean flag) {
      return IValue.from(flag);
    } else if (argument instanceof long[] list) {
      return IValue.listFrom(list);
    }
    throw new IllegalArgumentException(
        function
            + " of "
            + archive.name()
            + ".py got a "
            + (argument == null ? "null" : argument.getClass().getName())
            + "; allowed are NDArray of the PyTorch engine, NDList, int, long, float, double,"
            + " boolean and long[]");
  }
}
