package org.megalab.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against values worked by hand and printed tables of Student's t. */
class EstimateTest {

  @ParameterizedTest
  @CsvSource({"1, 12.7062", "2, 4.3027", "3, 3.1824", "4, 2.7764", "9, 2.2622", "30, 2.0423"})
  void theQuantileIsThatOfTheTables(double freedom, double t) {
    assertThat(Estimate.quantile(freedom)).isCloseTo(t, within(5e-5));
  }

  @Test
  void theQuantileHasAClosedFormForOneAndTwo() {
    assertThat(Estimate.quantile(1)).isCloseTo(Math.tan(Math.PI * 0.475), within(1e-7));
    // t = (2p − 1) √(2 / (4 p (1 − p)))
    assertThat(Estimate.quantile(2))
        .isCloseTo(0.95 * Math.sqrt(2 / (4 * 0.975 * 0.025)), within(1e-8));
  }

  @Test
  void meanAndSpread() {
    Estimate estimate = Estimate.of(2, 4, 9);
    assertThat(estimate.count()).isEqualTo(3);
    assertThat(estimate.mean()).isEqualTo(5);
    assertThat(estimate.standardDeviation()).isCloseTo(Math.sqrt(13), within(1e-14)); // (9+1+16)/2
    double reach = 4.302652729749 * Math.sqrt(13.0 / 3);
    assertThat(estimate.low()).isCloseTo(5 - reach, within(1e-8));
    assertThat(estimate.high()).isCloseTo(5 + reach, within(1e-8));
  }

  @Test
  void differencesSeedBySeedAreSurerThanDifferencesOfMeans() {
    double[] base = {1.0, 2.0, 3.0};
    double[] arm = {1.1, 2.2, 3.3}; // differences 0.1, 0.2, 0.3: mean 0.2, s = 0.1
    Estimate paired = Estimate.paired(arm, base);
    assertThat(paired.mean()).isCloseTo(0.2, within(1e-15));
    double reach = 4.302652729749 * 0.1 / Math.sqrt(3);
    assertThat(paired.low()).isCloseTo(0.2 - reach, within(1e-8));
    assertThat(paired.high()).isCloseTo(0.2 + reach, within(1e-8));
    // Welch: s² = 1 and 1.21, error √(2.21/3), ν = 2 · 2.21² / (1 + 1.21²) = 3.9642
    Estimate unpaired = Estimate.unpaired(arm, base);
    assertThat(unpaired.mean()).isCloseTo(0.2, within(1e-15));
    double freedom = 2 * 2.21 * 2.21 / (1 + 1.21 * 1.21);
    assertThat((unpaired.high() - unpaired.low()) / 2)
        .isCloseTo(Estimate.quantile(freedom) * Math.sqrt(2.21 / 3), within(1e-10));
    assertThat(freedom).isCloseTo(3.9642, within(5e-5));
  }

  @Test
  void welchsExample() {
    // n = 5 and 4, means 3 and 5, s² = 2.5 and 4: error² = 0.5 + 1, ν = 1.5² / (0.25/4 + 1/3)
    Estimate difference =
        Estimate.unpaired(
            new double[] {1, 2, 3, 4, 5}, new double[] {5 - Math.sqrt(6), 5, 5, 5 + Math.sqrt(6)});
    double freedom = 2.25 / (0.0625 + 1.0 / 3);
    assertThat(difference.mean()).isCloseTo(-2, within(1e-14));
    assertThat(difference.high())
        .isCloseTo(-2 + Estimate.quantile(freedom) * Math.sqrt(1.5), within(1e-10));
  }

  @Test
  void oneOrNoneHasNoSpread() {
    Estimate one = Estimate.of(3);
    assertThat(one.mean()).isEqualTo(3);
    assertThat(one.standardDeviation()).isNaN();
    assertThat(one.low()).isNaN();
    assertThat(Estimate.of().mean()).isNaN();
    assertThat(Estimate.paired(new double[] {2}, new double[] {1}).mean()).isEqualTo(1);
    assertThat(Estimate.unpaired(new double[] {2}, new double[] {1, 3}).high()).isNaN();
    Estimate equal = Estimate.of(2, 2, 2);
    assertThat(equal.low()).isEqualTo(2).isEqualTo(equal.high());
    assertThat(Estimate.unpaired(new double[] {2, 2}, new double[] {1, 1}).low()).isEqualTo(1);
  }
}
