package org.megalab.layer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.initializer.Initializer;
import org.megalab.torchscript.Script;
import org.megalab.torchscript.Tensors;

/**
 * Where the eigenvalues A_n of a diagonal state space begin, n = 0 … N/2 − 1 (Gu et al. 2022, "On
 * the parameterization and initialization of diagonal state space models").
 */
public enum S4dInit {
  /** −½ + iπn. */
  LIN {
    @Override
    double[][] eigenvalues(NDManager manager, int modes) {
      return each(modes, n -> 0.5, n -> Math.PI * n);
    }
  },
  /** −½ + i (N/π)(N/(2n + 1) − 1). */
  INV {
    @Override
    double[][] eigenvalues(NDManager manager, int modes) {
      double states = 2.0 * modes;
      return each(modes, n -> 0.5, n -> states / Math.PI * (states / (2 * n + 1) - 1));
    }
  },
  /** −(n + 1). */
  REAL {
    @Override
    double[][] eigenvalues(NDManager manager, int modes) {
      return each(modes, n -> n + 1, n -> 0);
    }
  },
  /** The eigenvalues with positive imaginary part of the normal part of HiPPO-LegS, −½ + iω. */
  LEGS {
    @Override
    double[][] eigenvalues(NDManager manager, int modes) {
      try (NDArray like = manager.zeros(new Shape(1), DataType.FLOAT64);
          NDArray frequencies = SCRIPT.call("legs_frequencies", false, like, 2 * modes)) {
        double[] values = Tensors.doubles(frequencies);
        return each(modes, n -> 0.5, n -> values[(int) n]);
      }
    }
  };

  private static final Script SCRIPT = Script.resource(S4dInit.class, "s4d");

  /** Returns [−Re A, Im A], each of the N/2 stored modes. */
  abstract double[][] eigenvalues(NDManager manager, int modes);

  private static double[][] each(
      int modes,
      java.util.function.DoubleUnaryOperator negativeReal,
      java.util.function.DoubleUnaryOperator imaginary) {
    double[][] values = new double[2][modes];
    for (int n = 0; n < modes; n++) {
      values[0][n] = negativeReal.applyAsDouble(n);
      values[1][n] = imaginary.applyAsDouble(n);
    }
    return values;
  }

  /** Returns ln(−Re A) for (H, N/2), every row the same. */
  final Initializer logDecayRate() {
    return (manager, shape, type) -> {
      double[] rates = eigenvalues(manager, (int) shape.get(1))[0];
      for (int n = 0; n < rates.length; n++) {
        rates[n] = Math.log(rates[n]);
      }
      return rows(manager, shape, type, rates);
    };
  }

  /** Returns Im A for (H, N/2), every row the same. */
  final Initializer frequency() {
    return (manager, shape, type) ->
        rows(manager, shape, type, eigenvalues(manager, (int) shape.get(1))[1]);
  }

  private static NDArray rows(NDManager manager, Shape shape, DataType type, double[] row) {
    try (NDArray one = manager.create(row);
        NDArray all = one.reshape(1, row.length).repeat(0, shape.get(0))) {
      return all.toType(type, true);
    }
  }
}
