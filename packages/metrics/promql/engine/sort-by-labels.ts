// The order of a matrix.
import { compareLabels, type Labels } from '../../model/labels.ts';

/** In place; most results come in order already. */
export function sortByLabels<T extends { readonly labels: Labels }>(series: T[]): T[] {
  for (let i = 1; i < series.length; i++) {
    if (compareLabels(series[i - 1]!.labels, series[i]!.labels) > 0) {
      return series.sort((a, b) => compareLabels(a.labels, b.labels));
    }
  }
  return series;
}
