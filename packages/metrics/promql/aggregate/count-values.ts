// count_values: one output series per distinct value.
import { printHistogram } from '../../model/histogram.ts';
import { quoteGo } from '../../model/labels.ts';
import { QueryError } from '../engine/query-error.ts';
import { SeriesBuilder, type StepSeries, sampleAt } from '../engine/value.ts';
import { formatGoF, formatGoG } from '../format.ts';
import { hasInvalidUtf8 } from '../parse/quoted-string.ts';
import type { Aggregation } from './aggregate.ts';

export function countValues(aggregation: Aggregation): StepSeries[] {
  const { series, groups, steps, node, evaluator } = aggregation;
  const label = evaluator.string(node.param!);
  if (label === '' || hasInvalidUtf8(label)) {
    throw new QueryError('execution', `invalid label name ${quoteGo(label)}`);
  }
  const counts = new Map<string, { group: number; text: string; builder: SeriesBuilder }>();
  series.forEach((one, i) => {
    const group = groups.of[i]!;
    for (let step = 0; step < steps.count; step++) {
      const sample = sampleAt(one, step);
      if (sample === undefined) continue;
      const text = typeof sample === 'number' ? formatGoF(sample) : printHistogram(sample, formatGoG);
      const key = `${group} ${text}`;
      let entry = counts.get(key);
      if (entry === undefined) {
        entry = { group, text, builder: new SeriesBuilder(steps.count) };
        counts.set(key, entry);
      }
      if (entry.builder.presence[step] === 0) entry.builder.setFloat(step, 1);
      else entry.builder.values[step]!++;
    }
  });
  return [...counts.values()].map(({ group, text, builder }) =>
    builder.build(groups.labels[group]!.with(label, text), groups.dropName[group]!),
  );
}
