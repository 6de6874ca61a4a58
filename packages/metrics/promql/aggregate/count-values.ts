// count_values: one output series per distinct value.
import { printHistogram } from '../../model/histogram.ts';
import { type Labels, METRIC_NAME, quoteGo } from '../../model/labels.ts';
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
  // Whoever groups without the label that is to hold the value gets no label.
  const unlabelled = node.without && (label === METRIC_NAME || node.grouping.includes(label));
  // Keyed by the resulting labels: the label may overwrite one by which groups differ.
  const counts = new Map<string, { labels: Labels; builder: SeriesBuilder }>();
  series.forEach((one, i) => {
    const group = groups.of[i]!;
    for (let step = 0; step < steps.count; step++) {
      const sample = sampleAt(one, step);
      if (sample === undefined) continue;
      const text = typeof sample === 'number' ? formatGoF(sample) : printHistogram(sample, formatGoG);
      const labels = unlabelled ? groups.labels[group]! : groups.labels[group]!.with(label, text);
      let entry = counts.get(labels.key);
      if (entry === undefined) {
        entry = { labels, builder: new SeriesBuilder(steps.count) };
        counts.set(labels.key, entry);
      }
      if (entry.builder.presence[step] === 0) entry.builder.setFloat(step, 1);
      else entry.builder.values[step]!++;
    }
  });
  return [...counts.values()].map(({ labels, builder }) => builder.build(labels, false));
}
