/** Samples by series while a range aggregation reads: two growing columns a series. */
import type { Labels } from '../labels.ts';
import { ERROR_LABEL, PRESERVE_ERROR_LABEL } from '../pipeline/labels-builder.ts';

/** Most series of a query with many of them hold a few samples. */
const CAPACITY_MIN = 4;

export class SampleSeries {
  readonly labels: Labels;
  /** Nanoseconds relative to the query's origin. */
  times = new Float64Array(CAPACITY_MIN);
  values = new Float64Array(CAPACITY_MIN);
  count = 0;
  readonly failed: boolean;
  /** Where ascending runs begin: samples come from blocks, each in order of time by itself. */
  #runs: number[] = [0];

  constructor(labels: Labels) {
    this.labels = labels;
    this.failed = isFailure(labels);
  }

  push(time: number, value: number): void {
    if (this.count === this.times.length) this.#grow();
    if (this.count > 0 && time < this.times[this.count - 1]!) this.#runs.push(this.count);
    this.times[this.count] = time;
    this.values[this.count++] = value;
  }

  #grow(): void {
    const times = new Float64Array(this.count * 2);
    const values = new Float64Array(this.count * 2);
    times.set(this.times);
    values.set(this.values);
    this.times = times;
    this.values = values;
  }

  /** In order of time; equal times stay in the order in which they came. */
  sort(): void {
    // Neighbouring runs are merged until one is left, which costs far less than sorting what is mostly sorted.
    while (this.#runs.length > 1) {
      const times = new Float64Array(this.count);
      const values = new Float64Array(this.count);
      const runs: number[] = [];
      for (let run = 0; run < this.#runs.length; run += 2) {
        const from = this.#runs[run]!;
        const middle = this.#runs[run + 1] ?? this.count;
        const to = this.#runs[run + 2] ?? this.count;
        runs.push(from);
        this.#merge(from, middle, to, times, values);
      }
      this.times = times;
      this.values = values;
      this.#runs = runs;
    }
  }

  #merge(from: number, middle: number, to: number, times: Float64Array, values: Float64Array): void {
    let left = from;
    let right = middle;
    for (let at = from; at < to; at++) {
      const takesLeft = right >= to || (left < middle && this.times[left]! <= this.times[right]!);
      const source = takesLeft ? left++ : right++;
      times[at] = this.times[source]!;
      values[at] = this.values[source]!;
    }
  }
}

/** An error that nobody asked for fails the query. */
function isFailure(labels: Labels): boolean {
  let error = false;
  for (const [name] of labels) {
    if (name === PRESERVE_ERROR_LABEL) return false;
    if (name === ERROR_LABEL) error = true;
  }
  return error;
}
