package org.megalab.bench;

import java.util.List;
import java.util.stream.IntStream;
import org.megalab.json.ConfigException;
import tech.tablesaw.api.DoubleColumn;

/** What all benchmarks do with their models. */
final class Models {

  private Models() {}

  /**
   * Copies a list of models.
   *
   * @throws ConfigException if there are none, two have one name, or they are on several devices
   */
  static List<BenchmarkModel> distinct(List<BenchmarkModel> models) {
    List<String> names = models.stream().map(BenchmarkModel::name).toList();
    ConfigException.check(!names.isEmpty(), "a benchmark needs at least one model");
    ConfigException.check(
        names.stream().distinct().count() == names.size(),
        "two models have one name: %s; name them, as in fast=megabyte:tiny",
        names);
    ConfigException.check(
        models.stream().map(BenchmarkModel::device).distinct().count() == 1,
        "what is measured in one run is on one device, got %s",
        models.stream().map(BenchmarkModel::device).toList());
    return List.copyOf(models);
  }

  /** Returns the numbers as multiples of the first. */
  static DoubleColumn ratios(DoubleColumn numbers) {
    double first = numbers.getDouble(0);
    return DoubleColumn.create(
        "ratio", IntStream.range(0, numbers.size()).mapToDouble(i -> numbers.getDouble(i) / first));
  }
}
