// count, group, min, max, stddev and stdvar, series by series; quantile, step by step.
import type { Labels } from '../../model/labels.ts';
import type { Evaluator } from '../engine/evaluator.ts';
import { ABSENT, FLOAT, HISTOGRAM, isDense, SeriesBuilder, type StepSeries, type Steps } from '../engine/value.ts';
import { quantileOfSorted } from '../functions/quantile.ts';
import { sortedFloats } from '../functions/range/over-time.ts';
import type { Aggregate } from '../parse/ast.ts';
import type { Accumulator } from './accumulate.ts';
import type { Aggregation } from './aggregate.ts';
import { extentOf } from './extent.ts';

function hasHistogram({ histograms, presence }: StepSeries): boolean {
  return histograms !== null && presence.includes(HISTOGRAM);
}

function noteIgnoredHistogram(evaluator: Evaluator, node: Aggregate, series: StepSeries): void {
  if (hasHistogram(series)) evaluator.context.annotations.histogramIgnoredInAggregation(node.op, node.expr.span);
}

/** Columns of one number for each step, by group. */
class GroupColumns {
  readonly builders: SeriesBuilder[] = [];
  readonly #stepCount: number;

  constructor({ count }: Steps) {
    this.#stepCount = count;
  }

  of(group: number): SeriesBuilder {
    return (this.builders[group] ??= new SeriesBuilder(this.#stepCount));
  }

  results(labels: readonly Labels[], dropName: readonly boolean[]): StepSeries[] {
    const out: StepSeries[] = [];
    this.builders.forEach((builder, group) => {
      if (builder.points > 0) out.push(builder.build(labels[group]!, dropName[group]!));
    });
    return out;
  }
}

/** count, and with `ones` group: how many samples of any kind there are, or that there are any. */
export class Counts implements Accumulator {
  readonly #columns: GroupColumns;
  readonly #ones: boolean;

  constructor(steps: Steps, ones: boolean) {
    this.#columns = new GroupColumns(steps);
    this.#ones = ones;
  }

  add(series: StepSeries, group: number): boolean {
    const { values, presence } = this.#columns.of(group);
    for (let step = 0; step < values.length; step++) {
      if (series.presence[step] === ABSENT) continue;
      values[step]!++;
      presence[step] = FLOAT;
    }
    return true;
  }

  results(labels: readonly Labels[], dropName: readonly boolean[]): StepSeries[] {
    for (const builder of this.#columns.builders) {
      for (let step = 0; step < builder.values.length; step++) {
        if (builder.presence[step] === ABSENT) continue;
        builder.points++;
        if (this.#ones) builder.values[step] = 1;
      }
    }
    return this.#columns.results(labels, dropName);
  }
}

/** Largest (sign 1) or smallest (-1) value; NaN only when there is nothing else. */
export class Extremes implements Accumulator {
  readonly #columns: GroupColumns;
  readonly #evaluator: Evaluator;
  readonly #node: Aggregate;
  readonly #sign: 1 | -1;

  constructor(evaluator: Evaluator, node: Aggregate, steps: Steps, sign: 1 | -1) {
    this.#columns = new GroupColumns(steps);
    this.#evaluator = evaluator;
    this.#node = node;
    this.#sign = sign;
  }

  add(series: StepSeries, group: number): boolean {
    noteIgnoredHistogram(this.#evaluator, this.#node, series);
    const out = this.#columns.of(group);
    const { values } = out;
    const max = this.#sign === 1;
    if (isDense(series) && out.points === values.length) {
      for (let step = 0; step < values.length; step++) {
        const value = series.values[step]!;
        const best = values[step]!;
        if ((max ? value > best : value < best) || Number.isNaN(best)) values[step] = value;
      }
      return true;
    }
    for (let step = 0; step < values.length; step++) {
      if (series.presence[step] !== FLOAT) continue;
      const value = series.values[step]!;
      const best = values[step]!;
      if (out.presence[step] === ABSENT) out.setFloat(step, value);
      else if ((max ? value > best : value < best) || Number.isNaN(best)) values[step] = value;
    }
    return true;
  }

  results(labels: readonly Labels[], dropName: readonly boolean[]): StepSeries[] {
    return this.#columns.results(labels, dropName);
  }
}

/** stdvar and stddev, by Welford's method. */
export class Variances implements Accumulator {
  readonly #evaluator: Evaluator;
  readonly #node: Aggregate;
  readonly #steps: Steps;
  readonly #groups: { counts: Int32Array; means: Float64Array; squares: Float64Array }[] = [];

  constructor(evaluator: Evaluator, node: Aggregate, steps: Steps) {
    this.#evaluator = evaluator;
    this.#node = node;
    this.#steps = steps;
  }

  add(series: StepSeries, group: number): boolean {
    noteIgnoredHistogram(this.#evaluator, this.#node, series);
    const { count } = this.#steps;
    this.#groups[group] ??= {
      counts: new Int32Array(count),
      means: new Float64Array(count),
      squares: new Float64Array(count),
    };
    const { counts, means, squares } = this.#groups[group];
    for (let step = 0; step < count; step++) {
      if (series.presence[step] !== FLOAT) continue;
      const value = series.values[step]!;
      const distance = value - means[step]!;
      counts[step]!++;
      means[step]! += distance / counts[step]!;
      squares[step]! += distance * (value - means[step]!);
    }
    return true;
  }

  results(labels: readonly Labels[], dropName: readonly boolean[]): StepSeries[] {
    const out: StepSeries[] = [];
    this.#groups.forEach(({ counts, squares }, group) => {
      const builder = new SeriesBuilder(this.#steps.count);
      for (let step = 0; step < counts.length; step++) {
        if (counts[step] === 0) continue;
        const variance = squares[step]! / counts[step]!;
        builder.setFloat(step, this.#node.op === 'stddev' ? Math.sqrt(variance) : variance);
      }
      if (builder.points > 0) out.push(builder.build(labels[group]!, dropName[group]!));
    });
    return out;
  }
}

export async function quantile({ param, evaluator, node, series, groups, steps }: Aggregation): Promise<StepSeries[]> {
  const { min, max } = extentOf(param);
  const { annotations } = evaluator.context;
  if (!(max <= 1)) annotations.invalidQuantile(max, node.param!.span);
  if (min < 0) annotations.invalidQuantile(min, node.param!.span);
  for (const one of series) noteIgnoredHistogram(evaluator, node, one);
  const members: StepSeries[][] = groups.labels.map(() => []);
  series.forEach((one, i) => {
    members[groups.of[i]!]!.push(one);
  });
  const out: StepSeries[] = [];
  for (const [group, some] of members.entries()) {
    const builder = new SeriesBuilder(steps.count);
    const buffer = new Float64Array(some.length);
    await evaluator.context.inSlices(steps.count, some.length, (step) => {
      let n = 0;
      for (const one of some) if (one.presence[step] === FLOAT) buffer[n++] = one.values[step]!;
      if (n > 0) builder.setFloat(step, quantileOfSorted(param[step]!, sortedFloats(buffer.subarray(0, n))));
    });
    if (builder.points > 0) out.push(builder.build(groups.labels[group]!, groups.dropName[group]!));
  }
  return out;
}
