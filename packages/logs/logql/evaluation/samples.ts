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
  #sorted = true;

  constructor(labels: Labels) {
    this.labels = labels;
    this.failed = isFailure(labels);
  }

  push(time: number, value: number): void {
    if (this.count === this.times.length) this.#grow();
    if (this.count > 0 && time < this.times[this.count - 1]!) this.#sorted = false;
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
    if (this.#sorted) return;
    const order = Array.from({ length: this.count }, (_, index) => index);
    order.sort((a, b) => this.times[a]! - this.times[b]! || a - b);
    this.times = Float64Array.from(order, (index) => this.times[index]!);
    this.values = Float64Array.from(order, (index) => this.values[index]!);
    this.#sorted = true;
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
