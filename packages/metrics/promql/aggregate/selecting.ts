// Aggregations that pick some of the series and leave them as they are: topk, bottomk, limitk, limit_ratio.
import { hashLabels } from '../../model/xxhash.ts';
import { QueryError } from '../engine/query-error.ts';
import { ABSENT, FLOAT, HISTOGRAM, SeriesBuilder, type StepSeries } from '../engine/value.ts';
import { formatGoG } from '../format.ts';
import type { Aggregation } from './aggregate.ts';
import { extentOf } from './extent.ts';

const INT64_LIMIT = 2 ** 63;
const HASH_MAX = 2 ** 64;

/** The parameter k at every step, at most the number of series; fails for what no integer holds, if any k is positive. */
function limits({ param, series }: Aggregation): Int32Array {
  const { min, max } = extentOf(param);
  if (max < 1) return new Int32Array(param.length);
  if (Number.isNaN(max)) throw new QueryError('execution', 'Parameter value is NaN');
  if (min <= -INT64_LIMIT) throw new QueryError('execution', `Scalar value ${formatGoG(min)} underflows int64`);
  if (max >= INT64_LIMIT) throw new QueryError('execution', `Scalar value ${formatGoG(max)} overflows int64`);
  return Int32Array.from(param, (k) => Math.max(0, Math.min(Math.trunc(k), series.length)));
}

/** Copies chosen samples, series by series; `order` gives the series' order in the result. */
class Picker {
  readonly #aggregation: Aggregation;
  readonly #builders = new Map<number, SeriesBuilder>();

  constructor(aggregation: Aggregation) {
    this.#aggregation = aggregation;
  }

  pick(index: number, step: number): void {
    const source = this.#aggregation.series[index]!;
    let builder = this.#builders.get(index);
    if (builder === undefined) {
      builder = new SeriesBuilder(this.#aggregation.steps.count);
      this.#builders.set(index, builder);
    }
    if (source.presence[step] === FLOAT) builder.setFloat(step, source.values[step]!);
    else builder.setHistogram(step, source.histograms![step]!);
  }

  /** In the order in which series were first picked. */
  result(): StepSeries[] {
    return [...this.#builders].map(([index, builder]) => {
      const { labels, dropName } = this.#aggregation.series[index]!;
      return builder.build(labels, dropName);
    });
  }
}

function membersOf({ series, groups }: Aggregation): number[][] {
  const members: number[][] = groups.labels.map(() => []);
  series.forEach((_, i) => {
    members[groups.of[i]!]!.push(i);
  });
  return members;
}

/** topk (sign 1) and bottomk (-1): NaN ranks last; equal values keep the order of the series. */
export async function rank(aggregation: Aggregation, sign: 1 | -1): Promise<StepSeries[]> {
  const { series, steps, evaluator, node } = aggregation;
  const k = limits(aggregation);
  const picker = new Picker(aggregation);
  if (
    series.some((one) => one.histograms !== null && k.some((limit, i) => limit > 0 && one.presence[i] === HISTOGRAM))
  ) {
    evaluator.context.annotations.histogramIgnoredInAggregation(node.op, node.span);
  }
  for (const members of membersOf(aggregation)) {
    for (let step = 0; step < steps.count; step++) {
      if (evaluator.context.due) await evaluator.context.pause();
      for (const i of bestOf(series, members, step, k[step]!, sign)) picker.pick(i, step);
    }
  }
  return picker.result();
}

/** The best k of the members with a float, best first, by insertion: k is small beside the members. */
function bestOf(
  series: readonly StepSeries[],
  members: readonly number[],
  step: number,
  k: number,
  sign: 1 | -1,
): readonly number[] {
  const best: number[] = [];
  const values: number[] = [];
  if (k === 0) return best;
  for (const i of members) {
    const one = series[i]!;
    if (one.presence[step] !== FLOAT) continue;
    const value = one.values[step]!;
    const n = best.length;
    if (n === k && order(values[n - 1]!, value, sign) <= 0) continue;
    let at = n === k ? n - 1 : n;
    for (; at > 0 && order(values[at - 1]!, value, sign) > 0; at--) {
      best[at] = best[at - 1]!;
      values[at] = values[at - 1]!;
    }
    best[at] = i;
    values[at] = value;
  }
  return best;
}

function order(a: number, b: number, sign: 1 | -1): number {
  if (a === b) return 0;
  if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : 1;
  return Number.isNaN(b) ? -1 : sign * (a > b ? -1 : 1);
}

/** limitk: the first k series of each group that have a sample. */
export function limit(aggregation: Aggregation): StepSeries[] {
  const { series, steps } = aggregation;
  const k = limits(aggregation);
  const picker = new Picker(aggregation);
  for (const members of membersOf(aggregation)) {
    for (let step = 0; step < steps.count; step++) {
      let left = k[step]!;
      for (let m = 0; m < members.length && left > 0; m++) {
        if (series[members[m]!]!.presence[step] === ABSENT) continue;
        picker.pick(members[m]!, step);
        left--;
      }
    }
  }
  return picker.result();
}

/** limit_ratio: the series whose hash lies in the first `ratio` of all hashes, or, negative, in the last. */
export function limitRatio(aggregation: Aggregation): StepSeries[] {
  const { series, steps, param, evaluator, node } = aggregation;
  const { min, max } = extentOf(param);
  if (Number.isNaN(max)) throw new QueryError('execution', 'Ratio value is NaN');
  if (max > 1) evaluator.context.annotations.invalidRatio(max, 1, node.param!.span);
  if (min < -1) evaluator.context.annotations.invalidRatio(min, -1, node.param!.span);
  const ratios = param.map((ratio) => Math.max(-1, Math.min(1, ratio)));
  const picker = new Picker(aggregation);
  series.forEach((one, i) => {
    const offset = Number(hashLabels(one.labels)) / HASH_MAX;
    for (let step = 0; step < steps.count; step++) {
      const ratio = ratios[step]!;
      const chosen = ratio >= 0 ? offset < ratio : offset >= 1 + ratio;
      if (chosen && one.presence[step] !== ABSENT) picker.pick(i, step);
    }
  });
  return picker.result();
}
