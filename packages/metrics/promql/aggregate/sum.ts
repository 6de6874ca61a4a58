// sum and avg, of floats with compensated addition and of native histograms.
import { averageHistograms, HistogramSum } from '../../model/histogram-arithmetic.ts';
import { FLOAT, HISTOGRAM, SeriesBuilder, type StepSeries } from '../engine/value.ts';
import type { Aggregation } from './aggregate.ts';

export function sumOrAverage(aggregation: Aggregation, average: boolean): StepSeries[] {
  const { series, groups, steps } = aggregation;
  const accumulators = groups.labels.map(() => new FloatSums(steps.count));
  let anyHistogram = false;
  series.forEach((one, i) => {
    accumulators[groups.of[i]!]!.add(one);
    if (one.histograms !== null) anyHistogram = true;
  });
  const out: StepSeries[] = [];
  accumulators.forEach((sums, group) => {
    const builder = new SeriesBuilder(steps.count);
    sums.write(builder, average);
    if (anyHistogram) addHistograms(aggregation, group, builder, average);
    if (builder.points > 0) out.push(builder.build(groups.labels[group]!, groups.dropName[group]!));
  });
  return out;
}

/** Sums of one group at all steps; a mean that would overflow goes on incrementally from where its sum did. */
class FloatSums {
  readonly #sums: Float64Array;
  readonly #rests: Float64Array;
  readonly #counts: Int32Array;
  /** Set once some step's sum overflowed: its mean so far. */
  #means: Float64Array | null = null;

  constructor(count: number) {
    this.#sums = new Float64Array(count);
    this.#rests = new Float64Array(count);
    this.#counts = new Int32Array(count);
  }

  add({ values, presence }: StepSeries): void {
    const sums = this.#sums;
    const rests = this.#rests;
    const counts = this.#counts;
    for (let step = 0; step < values.length; step++) {
      if (presence[step] !== FLOAT) continue;
      const value = values[step]!;
      counts[step]!++;
      const sum = sums[step]!;
      const next = sum + value;
      if (next - next !== 0) {
        // Infinite or NaN.
        this.#overflow(step, value, next);
        continue;
      }
      rests[step]! += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
      sums[step] = next;
    }
  }

  #overflow(step: number, value: number, next: number): void {
    const before = this.#counts[step]! - 1;
    this.#means ??= new Float64Array(this.#sums.length).fill(Number.NaN);
    const started = !Number.isNaN(this.#means[step]!);
    const mean = started
      ? this.#means[step]!
      : before === 0
        ? 0
        : this.#sums[step]! / before + this.#rests[step]! / before;
    this.#means[step] = mean * (before / (before + 1)) + value / (before + 1);
    if (Number.isFinite(this.#sums[step]!) || Number.isNaN(next))
      this.#rests[step] = Number.isNaN(next) ? Number.NaN : 0;
    this.#sums[step] = next;
  }

  write(out: SeriesBuilder, average: boolean): void {
    for (let step = 0; step < this.#sums.length; step++) {
      const count = this.#counts[step]!;
      if (count === 0) continue;
      const sum = this.#sums[step]!;
      const rest = this.#rests[step]!;
      if (!average) out.setFloat(step, sum + rest);
      else if (this.#means !== null && !Number.isFinite(sum)) out.setFloat(step, this.#means[step]!);
      else out.setFloat(step, sum / count + rest / count);
    }
  }
}

function addHistograms(aggregation: Aggregation, group: number, out: SeriesBuilder, average: boolean): void {
  const { series, groups, steps, node, evaluator } = aggregation;
  const { annotations } = evaluator.context;
  const members = series.filter((_, i) => groups.of[i] === group);
  for (let step = 0; step < steps.count; step++) {
    const present = members.filter((one) => one.presence[step] === HISTOGRAM);
    if (present.length === 0) continue;
    if (out.presence[step] === FLOAT) {
      annotations.mixedFloatsHistogramsInAggregation(node.expr.span);
      out.presence[step] = 0;
      out.points--;
      continue;
    }
    const first = present[0]!.histograms![step]!;
    const sum = new HistogramSum(first);
    const hints = new Set(present.map((one) => one.histograms![step]!.counterResetHint));
    if (hints.has('reset') && hints.has('not_reset')) annotations.counterResetCollision('aggregation', node.expr.span);
    const compatible = present.slice(1).every((one) => sum.add(one.histograms![step]!));
    if (sum.boundsReconciled) annotations.boundsReconciled('aggregation', node.expr.span);
    if (!compatible) {
      annotations.mixedExponentialCustom(present[0]!.labels.metricName, node.expr.span);
      continue;
    }
    out.setHistogram(
      step,
      average ? averageHistograms(present.map((one) => one.histograms![step]!)).mean : sum.value(),
    );
  }
}
