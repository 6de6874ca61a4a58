// The labels by which two vectors are matched, as a key.
import { METRIC_NAME } from '../../model/labels.ts';
import type { StepSeries } from '../engine/value.ts';
import type { VectorMatching } from '../parse/ast.ts';

/** With `on` only the named labels count, with `ignoring` all but those and the name. */
export function signatureOf(matching: VectorMatching): (series: StepSeries) => string {
  if (!matching.on) {
    const dropped = new Set([...matching.labels, METRIC_NAME]);
    return ({ labels }) => labels.keyWithout(dropped);
  }
  const names = [...new Set(matching.labels)].sort();
  // Neighbours often have the same values; then they share the key without putting it together again.
  const last: string[] = names.map(() => '');
  let lastKey: string | null = null;
  return ({ labels }) => {
    let same = lastKey !== null;
    for (let i = 0; i < names.length; i++) {
      const value = labels.get(names[i]!);
      if (value === last[i]) continue;
      last[i] = value;
      same = false;
    }
    if (!same) lastKey = labels.keyOf(names);
    return lastKey!;
  };
}
