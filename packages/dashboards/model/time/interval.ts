/** How far apart the points of a query lie: from the range, the width and the source's scrape interval. */

/** Upper bound (exclusive) of the raw interval and what it is rounded to, both in ms, as Grafana rounds. */
const ROUNDING: readonly (readonly [number, number])[] = [
  [10, 1],
  [15, 10],
  [35, 20],
  [75, 50],
  [150, 100],
  [350, 200],
  [750, 500],
  [1_500, 1_000],
  [3_500, 2_000],
  [7_500, 5_000],
  [12_500, 10_000],
  [17_500, 15_000],
  [25_000, 20_000],
  [45_000, 30_000],
  [90_000, 60_000],
  [210_000, 120_000],
  [450_000, 300_000],
  [750_000, 600_000],
  [1_050_000, 900_000],
  [1_500_000, 1_200_000],
  [2_700_000, 1_800_000],
  [5_400_000, 3_600_000],
  [9_000_000, 7_200_000],
  [16_200_000, 10_800_000],
  [32_400_000, 21_600_000],
  [86_400_000, 43_200_000],
  [604_800_000, 86_400_000],
  [1_814_400_000, 604_800_000],
  [3_628_800_000, 2_592_000_000],
];

const YEAR_MS = 31_536_000_000;

/** Prometheus answers at most 11,000 points a series. */
const POINTS_MAX = 11_000;

/** Without knowledge of the source: Prometheus' usual scrape interval. */
export const SCRAPE_INTERVAL_MS_DEFAULT = 15_000;

export function roundIntervalMs(ms: number): number {
  for (const [below, rounded] of ROUNDING) if (ms < below) return rounded;
  return YEAR_MS;
}

/** `minMs` wins over what the width asks for. */
export function calculateIntervalMs(rangeMs: number, pointsMax: number, minMs: number): number {
  const rounded = roundIntervalMs(rangeMs / Math.max(1, pointsMax));
  return Math.max(rounded, minMs, 1);
}

/** The step of a PromQL query; a whole number of ms that keeps the answer below the point limit. */
export function promqlStepMs(rangeMs: number, intervalMs: number, intervalFactor: number): number {
  const safe = Math.ceil(rangeMs / POINTS_MAX / 1000) * 1000;
  return Math.max(intervalMs * Math.max(1, intervalFactor), safe, 1);
}

/** `$__rate_interval`: wide enough to hold four scrapes, and one more scrape than a step. */
export function rateIntervalMs(stepMs: number, scrapeIntervalMs: number): number {
  return Math.max(stepMs + scrapeIntervalMs, 4 * scrapeIntervalMs);
}

/** Range queries start and end on multiples of the step, so that a refresh does not shift every point. */
export function alignRange(
  fromMs: number,
  toMs: number,
  stepMs: number,
): { readonly startMs: number; readonly endMs: number } {
  return { startMs: Math.floor(fromMs / stepMs) * stepMs, endMs: Math.floor(toMs / stepMs) * stepMs };
}
