package org.megalab.plot;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.LongColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/** What a figure is drawn from: numbers, and the tables of evaluations and studies of them. */
enum FigureData {
  ORDINARY(6),
  WITH_GAPS(6),
  ONE(1),
  MISSING(3),
  NONE(0);

  final int count;

  FigureData(int count) {
    this.count = count;
  }

  boolean isEmpty() {
    return this == NONE || this == MISSING;
  }

  /** A value that falls slowly from {@code first}. */
  double value(int i, double first) {
    double finite = first * (0.6 + 0.4 / (1 + i)) * (i % 2 == 0 ? 1 : 0.97);
    double gap = i == 3 ? Double.POSITIVE_INFINITY : Double.NaN;
    return this == MISSING || this == WITH_GAPS && i % 2 == 1 ? gap : finite;
  }

  double[] values(double first) {
    return IntStream.range(0, count).mapToDouble(i -> value(i, first)).toArray();
  }

  DoubleColumn column(String name, double first) {
    return DoubleColumn.create(name, values(first));
  }

  /** 2, 4, 8, … times a number. */
  LongColumn doubling(String name, long first) {
    return LongColumn.create(name, IntStream.range(0, count).mapToLong(i -> first << i));
  }

  StringColumn names(String name, String... names) {
    return StringColumn.create(
        name, IntStream.range(0, count).mapToObj(i -> names[i % names.length]).toList());
  }

  List<PublishedResult> published(String table) {
    return isEmpty() ? List.of() : PublishedResults.all().where("table", table).list();
  }

  /** Named tables; none where there is no data. */
  <T> Map<String, T> named(T first, T second) {
    Map<String, T> named = new LinkedHashMap<>();
    if (this != NONE) {
      named.put("megabyte", first);
      named.put("a model with a rather long name", second);
    }
    return named;
  }

  Table metrics() {
    return Table.create(
        doubling("step", 10),
        doubling("bytes", 1 << 13),
        column("seconds", 40),
        column("flops", 1e12),
        column("trainBpb", 4),
        column("validationBpb", 4.1));
  }

  Table curve() {
    return Table.create(doubling("context", 4096), column("perplexity", 5), column("peak MiB", 90));
  }

  Table bins() {
    return Table.create(
        doubling("from", 1),
        doubling("to", 2),
        column("bits per byte", 3),
        column("standard error", 0.2));
  }

  Table speeds() {
    return Table.create(
        names("model", "megabyte", "megalodon"),
        LongColumn.create(
            "length", IntStream.range(0, count).mapToLong(i -> i < 3 ? 32_768 : 4096)),
        doubling("context", 4096),
        column("bytes/s", 40_000),
        column("utilisation", 0.4),
        column("peak MiB", 700),
        column("forward FLOPs/byte", 1e6));
  }

  Table study() {
    return Table.create(
        names("arm", "P = 4", "P = 8", "P = 16", "an arm with a long name", "r", "base"),
        column("mean", 2.5),
        column("standard deviation", 0.1),
        column("difference", -0.1),
        column("low", -0.2),
        column("high", 0.05),
        column("FLOPs", 1e12),
        doubling("patchSize", 4),
        names("layers", "1", "2", "4"));
  }
}
