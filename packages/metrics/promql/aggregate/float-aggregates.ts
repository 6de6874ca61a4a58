// count, group, min, max, stddev, stdvar and quantile.
import { ABSENT, FLOAT, HISTOGRAM, SeriesBuilder, type StepSeries } from '../engine/value.ts';
import { quantileOfSorted } from '../functions/quantile.ts';
import { sortedFloats } from '../functions/range/over-time.ts';
import type { Aggregation } from './aggregate.ts';

/** Builds one series per group from its members; `fill` pauses where a group may be large. */
async function perGroup(
  aggregation: Aggregation,
  fill: (members: readonly StepSeries[], out: SeriesBuilder) => void | Promise<void>,
): Promise<StepSeries[]> {
  const { context } = aggregation.evaluator;
  const { series, groups, steps } = aggregation;
  const members: StepSeries[][] = groups.labels.map(() => []);
  series.forEach((one, i) => {
    members[groups.of[i]!]!.push(one);
  });
  const out: StepSeries[] = [];
  for (const [group, some] of members.entries()) {
    if (context.due) await context.pause();
    const builder = new SeriesBuilder(steps.count);
    await fill(some, builder);
    if (builder.points > 0) out.push(builder.build(groups.labels[group]!, groups.dropName[group]!));
  }
  return out;
}

function noteIgnoredHistograms(aggregation: Aggregation, members: readonly StepSeries[]): void {
  const { evaluator, node } = aggregation;
  if (members.some((one) => one.histograms !== null && one.presence.includes(HISTOGRAM))) {
    evaluator.context.annotations.histogramIgnoredInAggregation(node.op, node.expr.span);
  }
}

export function count(aggregation: Aggregation): Promise<StepSeries[]> {
  const { context } = aggregation.evaluator;
  return perGroup(aggregation, async (members, out) => {
    const { values, presence } = out;
    for (const [i, one] of members.entries()) {
      if ((i & 63) === 63 && context.due) await context.pause();
      for (let step = 0; step < values.length; step++) {
        if (one.presence[step] === ABSENT) continue;
        if (presence[step] === ABSENT) out.setFloat(step, 1);
        else values[step]!++;
      }
    }
  });
}

export function group(aggregation: Aggregation): Promise<StepSeries[]> {
  return perGroup(aggregation, (members, out) => {
    for (const one of members) {
      for (let step = 0; step < out.values.length; step++) {
        if (one.presence[step] !== ABSENT && out.presence[step] === ABSENT) out.setFloat(step, 1);
      }
    }
  });
}

/** Largest (sign 1) or smallest (-1) value; NaN only when there is nothing else. */
export function extreme(aggregation: Aggregation, sign: 1 | -1): Promise<StepSeries[]> {
  const { context } = aggregation.evaluator;
  return perGroup(aggregation, async (members, out) => {
    noteIgnoredHistograms(aggregation, members);
    const { values, presence } = out;
    for (const [i, one] of members.entries()) {
      if ((i & 63) === 63 && context.due) await context.pause();
      for (let step = 0; step < values.length; step++) {
        if (one.presence[step] !== FLOAT) continue;
        const value = one.values[step]!;
        if (presence[step] === ABSENT) out.setFloat(step, value);
        else if (
          sign * (value - values[step]!) > 0 ||
          Number.isNaN(values[step]!) ||
          beyond(value, values[step]!, sign)
        ) {
          values[step] = value;
        }
      }
    }
  });
}

/** Differences of infinities are NaN; comparing them is not. */
function beyond(a: number, b: number, sign: 1 | -1): boolean {
  return sign === 1 ? a > b : a < b;
}

export function variance(aggregation: Aggregation, deviation: boolean): Promise<StepSeries[]> {
  const { context } = aggregation.evaluator;
  return perGroup(aggregation, async (members, out) => {
    noteIgnoredHistograms(aggregation, members);
    const { length } = out.values;
    const counts = new Int32Array(length);
    const means = new Float64Array(length);
    const squares = new Float64Array(length);
    for (const [i, one] of members.entries()) {
      if ((i & 63) === 63 && context.due) await context.pause();
      for (let step = 0; step < length; step++) {
        if (one.presence[step] !== FLOAT) continue;
        const value = one.values[step]!;
        const distance = value - means[step]!;
        counts[step]!++;
        means[step]! += distance / counts[step]!;
        squares[step]! += distance * (value - means[step]!);
      }
    }
    for (let step = 0; step < length; step++) {
      if (counts[step] === 0) continue;
      const result = squares[step]! / counts[step]!;
      out.setFloat(step, deviation ? Math.sqrt(result) : result);
    }
  });
}

export function quantile(aggregation: Aggregation): Promise<StepSeries[]> {
  const { param, evaluator, node } = aggregation;
  for (const q of aggregation.series.length > 0 ? param : []) {
    if (!(q >= 0 && q <= 1)) evaluator.context.annotations.invalidQuantile(q, node.param!.span);
  }
  const { context } = evaluator;
  return perGroup(aggregation, async (members, out) => {
    noteIgnoredHistograms(aggregation, members);
    const buffer = new Float64Array(members.length);
    for (let step = 0; step < out.values.length; step++) {
      if (context.due) await context.pause();
      let n = 0;
      for (const one of members) if (one.presence[step] === FLOAT) buffer[n++] = one.values[step]!;
      if (n > 0) out.setFloat(step, quantileOfSorted(param[step]!, sortedFloats(buffer.subarray(0, n))));
    }
  });
}
