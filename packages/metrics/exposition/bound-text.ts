/** Bounds of classic histograms and quantiles of summaries as label values. */
import { formatGoG } from '../promql/format.ts';

/**
 * As OpenMetrics writes them (`1` becomes `1.0`), so that series go on when a target changes its format; the real server
 * does so since 3.0. Zero has no sign.
 */
export function boundText(bound: number): string {
  const plain = formatGoG(bound === 0 ? 0 : bound);
  return Number.isFinite(bound) && !/[.e]/.test(plain) ? `${plain}.0` : plain;
}
