package org.megalab.magics;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.knowm.xchart.XYChart;
import org.megalab.experiment.StudyResult;
import org.megalab.plot.StudyFigures;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;
import tech.tablesaw.selection.Selection;

/** The figures of a study: its arms with error bars, and a grid of numbers against its key. */
final class StudyView {

  /** An arm of a grid with one key. */
  private static final Pattern SETTING = Pattern.compile("([^=,]+)=([0-9.eE+-]+)");

  private StudyView() {}

  static List<XYChart> figures(StudyResult result) {
    Table table = result.table();
    List<XYChart> figures = new ArrayList<>();
    if (result.metric().equals("accuracy")) {
      figures.add(StudyFigures.accuracy(table));
      return figures;
    }
    figures.add(StudyFigures.bitsPerByte(table));
    sweep(table)
        .ifPresent(
            settings ->
                figures.add(
                    StudyFigures.sweep(
                        settings, settings.column(settings.columnCount() - 1).name())));
    return figures;
  }

  /**
   * The rows of arms that are called {@code key=number}, with the numbers as a last column of the
   * key's name; nothing where there are less than two, or several keys.
   */
  static Optional<Table> sweep(Table table) {
    StringColumn arms = table.stringColumn("arm");
    List<Integer> rows = new ArrayList<>();
    List<Double> values = new ArrayList<>();
    List<String> keys = new ArrayList<>();
    for (int row = 0; row < arms.size(); row++) {
      Matcher setting = SETTING.matcher(arms.get(row));
      Double value = setting.matches() ? number(setting.group(2)) : null;
      if (value != null && value > 0) {
        rows.add(row);
        values.add(value);
        keys.add(setting.group(1));
      }
    }
    if (rows.size() < 2 || keys.stream().distinct().count() > 1) {
      return Optional.empty();
    }
    Table settings =
        table.where(Selection.with(rows.stream().mapToInt(Integer::intValue).toArray()));
    return Optional.of(settings.addColumns(DoubleColumn.create(keys.get(0), values)));
  }

  private static @Nullable Double number(String text) {
    try {
      return Double.valueOf(text);
    } catch (NumberFormatException e) {
      return null;
    }
  }
}
