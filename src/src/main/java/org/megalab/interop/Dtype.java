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
  /** 1 sign, 5 exponent, 2 fraction bits: the upper half of an F16. */
  F8_E5M2(1, false),
  /** 1 sign, 4 exponent, 3 fraction bits; no infinities, NaN where all other bits are set. */
  F8_E4M3(1, false),
  /** Two's complement, 64 bits. */
  I64(8, true),
  /** Two's complement, 32 bits. */
  I32(4, true),
  /** Two's complement, 16 bits. */
  I16(2, true),
  /** Two's complement, 8 bits. */
  I8(1, true),
  /** Unsigned, 64 bits. */
  U64(8, true),
  /** Unsigned, 32 bits. */
  U32(4, true),
  /** Unsigned, 16 bits. */
  U16(2, true),
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

  /**
   * The next element of a whole-number type.
   *
   * @throws ArithmeticException if it is a U64 from 2^63 on
   */
  long nextLong(ByteBuffer data) {
    return switch (this) {
      case U64 -> {
        long bits = data.getLong();
        if (bits < 0) {
          throw new ArithmeticException(Long.toUnsignedString(bits) + " is more than 2^63 - 1");
        }
        yield bits;
      }
      case U32 -> Integer.toUnsignedLong(data.getInt());
      case U16 -> Short.toUnsignedLong(data.getShort());
      case I64 -> data.getLong();
      case I32 -> data.getInt();
      case I16 -> data.getShort();
      case I8 -> data.get();
      case U8 -> data.get() & 0xFF;
      case BOOL -> data.get() == 0 ? 0 : 1;
      case F64, F32, F16, BF16, F8_E5M2, F8_E4M3 ->
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
      case F8_E5M2 -> half((short) (data.get() << 8));
      case F8_E4M3 -> quarter(data.get());
      case U64 -> {
        long bits = data.getLong();
        yield bits >= 0 ? (double) bits : (double) halved(bits) * 2;
      }
      case I64, I32, I16, I8, U32, U16, U8, BOOL -> nextLong(data);
    };
  }

  /** The next element, rounded to the nearest float where the type is wider. */
  float nextFloat(ByteBuffer data) {
    if (this == U64) {
      long bits = data.getLong();
      return bits >= 0 ? (float) bits : (float) halved(bits) * 2;
    }
    return integer ? nextLong(data) : (float) nextDouble(data);
  }

  /** The nearest BF16 of a float, the even one of two equally near; NaN stays NaN. */
  static short toBfloat16(float value) {
    int bits = Float.floatToRawIntBits(value);
    int rounded =
        Float.isNaN(value) ? bits | 1 << 22 : bits + 0x7FFF + (bits >>> 16 & 1); // quiet NaN
    return (short) (rounded >>> 16);
  }

  /** Half of an unsigned number; the lowest bit stays, so that rounding goes the right way. */
  private static long halved(long bits) {
    return bits >>> 1 | bits & 1;
  }

  /** (−1)^s · 2^(e − 10) · (8 + f), with e = 0 for subnormal numbers. */
  private static double quarter(byte bits) {
    int exponent = (bits >> 3) & 0xF;
    int fraction = bits & 7;
    double magnitude =
        (bits & 0x7F) == 0x7F
            ? Double.NaN
            : exponent == 0
                ? Math.scalb((double) fraction, -9)
                : Math.scalb((double) (8 + fraction), exponent - 10);
    return bits < 0 ? -magnitude : magnitude;
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
