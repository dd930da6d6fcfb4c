package org.megalab.interop;

import java.nio.ByteBuffer;

/** Element types of a safetensors file, all little-endian. */
public enum Dtype {
  /** IEEE 754 binary64. */
  F64(8, false),
  /** IEEE 754 binary32. */
  F32(4, false),
  /** IEEE 754 binary16: 1 sign, 5 exponent, 10 fraction bits. */
  F16(2, false),
  /** The upper half of an F32: 1 sign, 8 exponent, 7 fraction bits. */
  BF16(2, false),
  /** Two's complement, 64 bits. */
  I64(8, true),
  /** Two's complement, 32 bits. */
  I32(4, true),
  /** Two's complement, 16 bits. */
  I16(2, true),
  /** Two's complement, 8 bits. */
  I8(1, true),
  /** Unsigned, 8 bits. */
  U8(1, true),
  /** One byte, 0 for false, anything else for true. */
  BOOL(1, true);

  private final int bytes;
  private final boolean integer;

  Dtype(int bytes, boolean integer) {
    this.bytes = bytes;
    this.integer = integer;
  }

  /** Bytes of one element. */
  public int bytes() {
    return bytes;
  }

  /** Whether the values are whole numbers (BOOL counts as 0 and 1). */
  public boolean isInteger() {
    return integer;
  }

  /** The next element of a whole-number type. */
  long nextLong(ByteBuffer data) {
    return switch (this) {
      case I64 -> data.getLong();
      case I32 -> data.getInt();
      case I16 -> data.getShort();
      case I8 -> data.get();
      case U8 -> data.get() & 0xFF;
      case BOOL -> data.get() == 0 ? 0 : 1;
      case F64, F32, F16, BF16 ->
          throw new IllegalStateException(this + " does not hold whole numbers");
    };
  }

  /** The next element, exact for every floating-point type. */
  double nextDouble(ByteBuffer data) {
    return switch (this) {
      case F64 -> data.getDouble();
      case F32 -> data.getFloat();
      case F16 -> half(data.getShort());
      case BF16 -> Float.intBitsToFloat(data.getShort() << 16);
      case I64, I32, I16, I8, U8, BOOL -> nextLong(data);
    };
  }

  /** The next element, rounded to the nearest float where the type is wider. */
  float nextFloat(ByteBuffer data) {
    return integer ? nextLong(data) : (float) nextDouble(data);
  }

  /**
   * (−1)^s · 2^(e − 25) · (1024 + f), with e = 0 for subnormal numbers and e = 31 for infinities
   * and NaN.
   */
  private static double half(short bits) {
    int exponent = (bits >> 10) & 0x1F;
    int fraction = bits & 0x3FF;
    double magnitude =
        switch (exponent) {
          case 0 -> Math.scalb((double) fraction, -24);
          case 31 -> fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN;
          default -> Math.scalb((double) (1024 + fraction), exponent - 25);
        };
    return bits < 0 ? -magnitude : magnitude;
  }
}
