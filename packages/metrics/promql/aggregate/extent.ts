// The least and the largest value that an aggregation's parameter takes over all steps: what it is checked by.

/** Both are NaN when any value is, as minimum and maximum are in Go. */
export function extentOf(values: Float64Array): { readonly min: number; readonly max: number } {
  let min = Infinity;
  let max = -Infinity;
  for (const value of values) {
    min = Math.min(min, value);
    max = Math.max(max, value);
  }
  return { min, max };
}
