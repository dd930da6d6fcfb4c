package org.megalab.data.file;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What stands before the data of an array, compared with the length of these.
 *
 * @param type what an element is
 * @param shape the dimensions
 * @param start the first byte of the data
 * @param length the bytes of the data
 */
record NpyHeader(NpyFile.Type type, List<Integer> shape, long start, long length) {
  private static final String MAGIC = "\u0093NUMPY";
  private static final int LONGEST_HEADER = 1 << 16;
  private static final Pattern TYPE = Pattern.compile("'descr'\\s*:\\s*'([^']*)'");
  private static final Pattern ORDER = Pattern.compile("'fortran_order'\\s*:\\s*(True|False)");
  private static final Pattern SHAPE = Pattern.compile("'shape'\\s*:\\s*\\(([0-9,\\sL]*)\\)");

  static NpyHeader read(Fields fields) {
    String magic = fields.text(0, (int) Math.min(6, fields.length()), "the magic");
    if (!magic.equals(MAGIC)) {
      throw fields.fault(
          0,
          Fields.shown(fields.take(0, magic.length(), "the magic")),
          "\"\\x93NUMPY\"",
          "save the array with numpy.save; pickles are not read");
    }
    int version = fields.take(6, 2, "the version")[0];
    int width = version == 1 ? 2 : 4;
    if (version < 1 || version > 3) {
      throw fields.fault(6, "version " + version, "version 1, 2 or 3", "save it with numpy.save");
    }
    long length = width == 2 ? fields.int16(8, "a length") : fields.int32(8, "a length");
    if (length > LONGEST_HEADER) {
      throw fields.fault(
          8, "a header of " + length + " bytes", "at most " + LONGEST_HEADER, Fields.FETCH_AGAIN);
    }
    long start = 8L + width + length;
    String header = fields.text(8 + width, (int) length, "the header");
    NpyFile.Type type = type(fields, match(fields, header, TYPE, "'descr'"));
    if (match(fields, header, ORDER, "'fortran_order'").equals("True")) {
      throw fields.fault(
          10,
          "'fortran_order': True",
          "C order, in which an item lies in one piece",
          "save numpy.ascontiguousarray(array)");
    }
    List<Integer> shape = shape(fields, match(fields, header, SHAPE, "'shape'"));
    long promised = type.bytes();
    for (int n : shape) {
      promised = n == 0 ? 0 : promised > Long.MAX_VALUE / n ? Long.MAX_VALUE : promised * n;
    }
    if (promised != fields.length() - start) {
      throw fields.fault(
          start,
          "%d bytes of data".formatted(fields.length() - start),
          "%s for the shape %s of %s"
              .formatted(promised == Long.MAX_VALUE ? "2^63 or more" : promised, shape, type),
          Fields.FETCH_AGAIN);
    }
    long item = shape.isEmpty() || shape.get(0) == 0 ? 0 : promised / shape.get(0);
    if (item > Integer.MAX_VALUE) {
      throw fields.fault(start, "items of " + item + " bytes", "less than 2^31", "split the array");
    }
    return new NpyHeader(type, shape, start, promised);
  }

  private static String match(Fields fields, String header, Pattern pattern, String what) {
    Matcher matcher = pattern.matcher(header);
    if (!matcher.find()) {
      throw fields.fault(
          10,
          "a header without a readable " + what,
          "a dictionary of 'descr' (one type, no structure), 'fortran_order' and 'shape'",
          "save the array with numpy.save");
    }
    return matcher.group(1);
  }

  private static NpyFile.Type type(Fields fields, String code) {
    for (NpyFile.Type type : NpyFile.Type.values()) {
      if (code.equals(type.code()) || (type == NpyFile.Type.UINT8 && code.matches("[|<>=]?u1"))) {
        return type;
      }
    }
    throw fields.fault(
        10,
        "elements of type '" + code + "'",
        "one of |u1, <i4, <i8, <f4, <f8",
        "convert it with array.astype before saving");
  }

  private static List<Integer> shape(Fields fields, String text) {
    List<Integer> shape = new ArrayList<>();
    for (String n : text.strip().split("\\s*,\\s*", -1)) {
      if (!n.isEmpty()) {
        if (!n.matches("\\d{1,10}L?") || Long.parseLong(n.replace("L", "")) > Integer.MAX_VALUE) {
          throw fields.fault(
              10,
              "a dimension of " + n,
              "a number below 2^31",
              "split the array or fetch it again");
        }
        shape.add(Integer.parseInt(n.replace("L", "")));
      }
    }
    return List.copyOf(shape);
  }
}
