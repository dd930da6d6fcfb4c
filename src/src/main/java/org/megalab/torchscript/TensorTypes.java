package org.megalab.torchscript;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.util.EnumSet;
import java.util.Set;

/**
 * The element types that an {@code NDArray} of the PyTorch engine can have in Java.
 *
 * <p>Any other, bfloat16 first of all, ends the JVM inside DJL's native code at the first attempt
 * to create or cast. Ask here before an element type from a user reaches DJL.
 */
public final class TensorTypes {

  private static final Set<DataType> SUPPORTED =
      EnumSet.of(
          DataType.FLOAT32,
          DataType.FLOAT64,
          DataType.FLOAT16,
          DataType.UINT8,
          DataType.INT8,
          DataType.INT32,
          DataType.INT64,
          DataType.BOOLEAN);

  private TensorTypes() {}

  /** Returns whether an {@code NDArray} of this type is safe in Java. */
  public static boolean isSupported(DataType type) {
    return SUPPORTED.contains(type);
  }

  /** Returns whether an array came from {@link Tensors#bfloat16}, which Java sees as unknown. */
  static boolean isBfloat16(NDArray array) {
    return array.getDataType() == DataType.UNKNOWN;
  }

  /**
   * Returns the type if it is safe in Java.
   *
   * @throws IllegalArgumentException for bfloat16 and every other type that would abort the JVM
   */
  public static DataType requireSupported(DataType type) {
    if (!isSupported(type)) {
      throw new IllegalArgumentException(
          "an NDArray of type "
              + type
              + " would abort the JVM; allowed are "
              + SUPPORTED
              + ". bfloat16 exists in scripts only: compute in it with Precision.BFLOAT16");
    }
    return type;
  }
}
