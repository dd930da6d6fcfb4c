package org.megalab.torchscript;

import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/**
 * Runs a module's method with any arguments, in training or inference.
 *
 * <p>DJL's public entries offer either arguments of any type (inference only) or training (tensors
 * only); the native method below both takes the two together.
 */
final class ModuleCall {

  private static final MethodHandle RUN = bind();

  private ModuleCall() {}

  static IValue run(PtSymbolBlock module, String method, long[] arguments, boolean training) {
    try {
      long handle = module.getHandle();
      return (IValue) RUN.invokeExact(handle, method, arguments, training, false);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("calling " + method, e);
    }
  }

  private static MethodHandle bind() {
    try {
      Class<?> library = Class.forName("ai.djl.pytorch.jni.PyTorchLibrary");
      MethodHandles.Lookup lookup = MethodHandles.privateLookupIn(library, MethodHandles.lookup());
      Object instance = lookup.findStaticVarHandle(library, "LIB", library).get();
      MethodType type =
          MethodType.methodType(
              long.class, long.class, String.class, long[].class, boolean.class, boolean.class);
      MethodHandle run = lookup.findVirtual(library, "moduleRunMethod", type).bindTo(instance);
      MethodHandle wrap =
          lookup.findConstructor(IValue.class, MethodType.methodType(void.class, long.class));
      return MethodHandles.filterReturnValue(run, wrap);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }
}
