// The labels by which two vectors are matched, as a key.
import { METRIC_NAME } from '../../model/labels.ts';
import type { StepSeries } from '../engine/value.ts';
import type { VectorMatching } from '../parse/ast.ts';

/** With `on` only the named labels count, with `ignoring` all but those and the name. */
export function signatureOf(matching: VectorMatching): (series: StepSeries) => string {
  if (matching.on) {
    const names = [...new Set(matching.labels)].sort();
    return ({ labels }) => labels.keyOf(names);
  }
  const dropped = new Set([...matching.labels, METRIC_NAME]);
  return ({ labels }) => labels.keyWithout(dropped);
}
