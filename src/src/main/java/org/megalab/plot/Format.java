package org.megalab.plot;

import java.util.Locale;

/** Numbers as they stand in figures. */
final class Format {
  private Format() {}

  /** Thousands as k, millions as M, and so on. */
  static String count(double value) {
    double size = Math.abs(value);
    return size >= 1e12
        ? plain("%.2f", value / 1e12) + " T"
        : size >= 1e9
            ? plain("%.2f", value / 1e9) + " G"
            : size >= 1e6
                ? plain("%.2f", value / 1e6) + " M"
                : size >= 1e4 ? plain("%.2f", value / 1e3) + " k" : plain("%.2f", value);
  }

  /** A value with about four digits. */
  static String value(double value) {
    double size = Math.abs(value);
    return size >= 1e4 || size == 0
        ? count(value)
        : size >= 1000 ? plain("%.0f", value) : significant("%.4g", value);
  }

  /** The mark of an axis, which has as many digits as it needs. */
  static String tick(double value) {
    return Math.abs(value) >= 1e4 || value == 0 ? count(value) : significant("%.6g", value);
  }

  /** The mark of a logarithmic axis. */
  static String magnitude(double value) {
    return value >= 1
        ? count(value)
        : value >= 1e-4 ? significant("%.2g", value) : String.format(Locale.ENGLISH, "%.0e", value);
  }

  /** A value with so many digits that values a hundredth of a range apart differ. */
  static String within(double range, double value) {
    double size = Math.abs(value);
    if (size >= 1e4 || size > 0 && size < 1e-4 || !(range > 0)) {
      return significant("%.3g", value);
    }
    int digits = (int) Math.max(0, Math.min(8, Math.ceil(2 - Math.log10(range))));
    return plain("%." + digits + "f", value);
  }

  /** Without an exponent where it can be, and without zeros at the end. */
  private static String significant(String format, double value) {
    String text = String.format(Locale.ENGLISH, format, value);
    return text.contains("e") ? text : stripped(text);
  }

  private static String plain(String format, double value) {
    return stripped(String.format(Locale.ENGLISH, format, value));
  }

  private static String stripped(String text) {
    String shown = text.contains(".") ? text.replaceAll("\\.?0+$", "") : text;
    return shown.equals("-0") ? "0" : shown;
  }
}
