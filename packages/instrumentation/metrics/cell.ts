/**
 * The aggregate of one instrument under one set of attributes. Whoever measures often holds on to its cell and
 * records into it directly: no attribute set is hashed again (that is what the SDK's own instruments spend most of
 * their 1.4 µs a measurement on, see docs/adr/0061).
 */
import type { Attributes, SpanContext } from '@opentelemetry/api';
import { type Exemplar, ExemplarSlot } from './exemplar.ts';

export interface HistogramSnapshot {
  readonly counts: number[];
  readonly sum: number;
  readonly count: number;
  readonly min: number;
  readonly max: number;
}

export class SumCell {
  readonly attributes: Attributes;
  value = 0;
  /** Cells that were bound and never used are not exported. */
  touched = false;
  readonly #slot = new ExemplarSlot();

  constructor(attributes: Attributes) {
    this.attributes = attributes;
  }

  /** `timeMs` is the exemplar's: who records several measurements of one moment asks the clock once. */
  add(delta: number, span?: SpanContext, timeMs?: number): void {
    this.value += delta;
    this.touched = true;
    if (span !== undefined) this.#slot.offer(delta, span, timeMs ?? Date.now());
  }

  set(value: number): void {
    this.value = value;
    this.touched = true;
  }

  exemplars(): readonly (Exemplar | undefined)[] {
    const exemplar = this.#slot.snapshot();
    return exemplar === undefined ? [] : [exemplar];
  }

  reset(): void {
    this.value = 0;
    this.touched = false;
    this.#slot.span = undefined;
  }
}

export class HistogramCell {
  readonly attributes: Attributes;
  readonly #boundaries: readonly number[];
  readonly #counts: number[];
  readonly #slots: ExemplarSlot[];
  #sum = 0;
  #count = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;

  constructor(attributes: Attributes, boundaries: readonly number[]) {
    this.attributes = attributes;
    this.#boundaries = boundaries;
    this.#counts = new Array<number>(boundaries.length + 1).fill(0);
    this.#slots = Array.from(this.#counts, () => new ExemplarSlot());
  }

  get touched(): boolean {
    return this.#count > 0;
  }

  /** Bounds are inclusive above (data model, "Histogram"); NaN is not a measurement. */
  record(value: number, span?: SpanContext, timeMs?: number): void {
    if (Number.isNaN(value)) return;
    const boundaries = this.#boundaries;
    let bucket = 0;
    while (bucket < boundaries.length && value > boundaries[bucket]!) bucket += 1;
    this.#counts[bucket]! += 1;
    this.#count += 1;
    this.#sum += value;
    if (value < this.#min) this.#min = value;
    if (value > this.#max) this.#max = value;
    if (span !== undefined) this.#slots[bucket]!.offer(value, span, timeMs ?? Date.now());
  }

  snapshot(): HistogramSnapshot {
    return { counts: [...this.#counts], sum: this.#sum, count: this.#count, min: this.#min, max: this.#max };
  }

  exemplars(): readonly (Exemplar | undefined)[] {
    return this.#slots.map((slot) => slot.snapshot());
  }

  reset(): void {
    this.#counts.fill(0);
    this.#sum = 0;
    this.#count = 0;
    this.#min = Number.POSITIVE_INFINITY;
    this.#max = Number.NEGATIVE_INFINITY;
    for (const slot of this.#slots) slot.span = undefined;
  }
}
