/** What follows a metrics function: the largest or smallest series, and comparisons with a number. */

import type { SecondStage } from './ast.ts';
import type { Series } from './metrics-series.ts';
import { compareValues, valueText } from './value.ts';

/** At each time the points that stay; series without points go. */
export function applySecondStage(series: readonly Series[], stage: SecondStage): readonly Series[] {
  const kept = series.map((one) => ({ ...one, values: one.values.slice() }));
  if (stage.kind === 'metricsFilter') {
    for (const { values } of kept) {
      for (let at = 0; at < values.length; at++) {
        if (!compareValues(stage.operator, values[at]!, stage.value)) values[at] = Number.NaN;
      }
    }
  } else keepExtremes(kept, stage.limit, stage.kind === 'topk' ? -1 : 1);
  return kept.filter(({ values }) => values.some((value) => !Number.isNaN(value)));
}

function keepExtremes(series: readonly Series[], limit: number, direction: 1 | -1): void {
  const names = new Map(series.map((one) => [one, one.labels.map(([name, value]) => name + valueText(value)).join()]));
  const points = series[0]?.values.length ?? 0;
  for (let at = 0; at < points; at++) {
    const present = series.filter(({ values }) => !Number.isNaN(values[at]!));
    if (present.length <= limit) continue;
    // Ties go by label, so that the same query gives the same answer twice.
    present.sort((a, b) => direction * (a.values[at]! - b.values[at]!) || (names.get(a)! < names.get(b)! ? -1 : 1));
    for (const dropped of present.slice(limit)) dropped.values[at] = Number.NaN;
  }
}
