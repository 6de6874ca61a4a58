// sum and avg, of floats with compensated addition and of native histograms.

import type { FloatHistogram } from '../../model/histogram.ts';
import { averageHistograms, HistogramSum } from '../../model/histogram-arithmetic.ts';
import type { Labels } from '../../model/labels.ts';
import type { Evaluator } from '../engine/evaluator.ts';
import { FLOAT, HISTOGRAM, SeriesBuilder, type StepSeries, type Steps } from '../engine/value.ts';
import type { Aggregate } from '../parse/ast.ts';
import type { Accumulator } from './accumulate.ts';

/** Sums by group: floats added at once, series with histograms kept until the end. */
export class GroupSums implements Accumulator {
  readonly #evaluator: Evaluator;
  readonly #node: Aggregate;
  readonly #steps: Steps;
  readonly #floats: FloatSums[] = [];
  readonly #withHistograms = new Map<number, Member[]>();

  constructor(evaluator: Evaluator, node: Aggregate, steps: Steps) {
    this.#evaluator = evaluator;
    this.#node = node;
    this.#steps = steps;
  }

  add(series: StepSeries, group: number): boolean {
    const floats = (this.#floats[group] ??= new FloatSums(this.#steps.count));
    if (series.histograms === null) {
      floats.add(series);
      return true;
    }
    const members = this.#withHistograms.get(group) ?? [];
    members.push({ series, floatsBefore: floats.counts() });
    this.#withHistograms.set(group, members);
    floats.add(series);
    return false;
  }

  results(labels: readonly Labels[], dropName: readonly boolean[]): StepSeries[] {
    const average = this.#node.op === 'avg';
    const out: StepSeries[] = [];
    this.#floats.forEach((sums, group) => {
      const builder = new SeriesBuilder(this.#steps.count);
      sums.write(builder, average);
      const members = this.#withHistograms.get(group);
      if (members !== undefined) this.#addHistograms(members, builder, average);
      if (builder.points > 0) out.push(builder.build(labels[group]!, dropName[group]!));
    });
    return out;
  }

  #addHistograms(members: readonly Member[], out: SeriesBuilder, average: boolean): void {
    const { annotations } = this.#evaluator.context;
    const { span } = this.#node.expr;
    for (let step = 0; step < this.#steps.count; step++) {
      const { histograms, compatible, mixed } = this.#gather(members, step, out.presence[step] === FLOAT);
      if (mixed) annotations.mixedFloatsHistogramsInAggregation(span);
      if (out.presence[step] === FLOAT && (mixed || !compatible)) {
        out.presence[step] = 0;
        out.points--;
      }
      if (mixed || !compatible || histograms.length === 0) continue;
      const hints = new Set(histograms.map((h) => h.counterResetHint));
      if (hints.has('reset') && hints.has('not_reset')) annotations.counterResetCollision('aggregation', span);
      out.setHistogram(step, average ? averageHistograms(histograms).mean : sumOf(histograms));
    }
  }

  /** The histograms of a step, up to the first that does not fit those before; what comes after that is not looked at. */
  #gather(members: readonly Member[], step: number, anyFloat: boolean): Gathered {
    const { annotations } = this.#evaluator.context;
    const { span } = this.#node.expr;
    const histograms: FloatHistogram[] = [];
    let sum: HistogramSum | null = null;
    for (const { series, floatsBefore } of members) {
      if (series.presence[step] !== HISTOGRAM) continue;
      // A step whose first sample is a float is lost, whatever the histograms are.
      if (histograms.length === 0 && floatsBefore[step]! > 0) return { histograms, compatible: true, mixed: true };
      const next = series.histograms![step]!;
      histograms.push(next);
      if (sum === null) {
        sum = new HistogramSum(next);
        continue;
      }
      if (!sum.add(next)) {
        annotations.mixedExponentialCustom(series.labels.metricName, span);
        return { histograms, compatible: false, mixed: floatsBefore[step]! > 0 };
      }
      if (sum.boundsReconciled) annotations.boundsReconciled('aggregation', span);
    }
    return { histograms, compatible: true, mixed: anyFloat && histograms.length > 0 };
  }
}

/** A series with histograms, and how many floats the series before it have at each step. */
interface Member {
  readonly series: StepSeries;
  readonly floatsBefore: Int32Array;
}

interface Gathered {
  readonly histograms: readonly FloatHistogram[];
  readonly compatible: boolean;
  /** There are floats as well. */
  readonly mixed: boolean;
}

function sumOf(histograms: readonly FloatHistogram[]): FloatHistogram {
  const sum = new HistogramSum(histograms[0]!);
  for (let i = 1; i < histograms.length; i++) sum.add(histograms[i]!);
  return sum.value();
}

/** Sums of one group at all steps; a mean that would overflow goes on incrementally from where its sum did. */
class FloatSums {
  readonly #sums: Float64Array;
  readonly #rests: Float64Array;
  /** Series so far, and how many of them have no float at a step: most have one everywhere. */
  #series = 0;
  readonly #missing: Int32Array;
  /** Set once some step's sum overflowed: its mean so far. */
  #means: Float64Array | null = null;

  constructor(count: number) {
    this.#sums = new Float64Array(count);
    this.#rests = new Float64Array(count);
    this.#missing = new Int32Array(count);
  }

  add({ values, presence, histograms, points }: StepSeries): void {
    const { length } = values;
    this.#series++;
    if (points === length && histograms === null) {
      this.#addRun(values, 0, length);
      return;
    }
    for (let begin = 0; begin < length; ) {
      let end = begin;
      while (end < length && presence[end] === FLOAT) end++;
      this.#addRun(values, begin, end);
      for (begin = end; begin < length && presence[begin] !== FLOAT; begin++) this.#missing[begin]!++;
    }
  }

  /** How many floats there are at each step so far. */
  counts(): Int32Array {
    return this.#missing.map((missing) => this.#series - missing);
  }

  /** Knuth's form of the rounding error of an addition needs no branch, and is as exact as Neumaier's. */
  #addRun(values: Float64Array, begin: number, end: number): void {
    const sums = this.#sums;
    const rests = this.#rests;
    for (let step = begin; step < end; step++) {
      const value = values[step]!;
      const sum = sums[step]!;
      const next = sum + value;
      if (next - next !== 0) {
        // Infinite or NaN.
        this.#overflow(step, value, next);
        continue;
      }
      const part = next - sum;
      rests[step]! += sum - (next - part) + (value - part);
      sums[step] = next;
    }
  }

  #overflow(step: number, value: number, next: number): void {
    const before = this.#series - this.#missing[step]! - 1;
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
      const count = this.#series - this.#missing[step]!;
      if (count === 0) continue;
      const sum = this.#sums[step]!;
      const rest = this.#rests[step]!;
      if (!average) out.setFloat(step, sum + rest);
      else if (this.#means !== null && !Number.isFinite(sum)) out.setFloat(step, this.#means[step]!);
      else out.setFloat(step, sum / count + rest / count);
    }
  }
}
