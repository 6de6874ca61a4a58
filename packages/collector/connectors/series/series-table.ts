// The series of one metric of one resource: found by the values of their dimensions, limited in number.
import { type AnyValue, anyValueText, double, type ValueInput } from '@mario/otlp';

export type DimensionValue = readonly [name: string, value: AnyValue | undefined];

export interface Series<T> {
  readonly attributes: ReadonlyMap<string, ValueInput>;
  readonly startNs: bigint;
  readonly value: T;
  updatedMs: number;
}

/** The one series of all spans beyond the limit; the name is the specification's. */
const overflowAttributes: ReadonlyMap<string, ValueInput> = new Map([['otel.metric.overflow', true]]);
const overflowKey = '\u0000overflow';

export class SeriesTable<T> {
  readonly #series = new Map<string, Series<T>>();
  readonly #countMax: number;
  readonly #make: () => T;

  constructor(countMax: number, make: () => T) {
    this.#countMax = countMax;
    this.#make = make;
  }

  get size(): number {
    return this.#series.size;
  }

  /** The series of these dimensions, made when it is new. Dimensions come in the same order each time. */
  at(dimensions: readonly DimensionValue[], nowMs: number, nowNs: bigint): T {
    let key = '';
    for (const [, value] of dimensions) {
      if (value !== undefined) key += `${typeof value}:${typeof value === 'string' ? value : anyValueText(value)}`;
      key += '\u0000';
    }
    let series = this.#series.get(key);
    if (series === undefined) {
      const fits = this.#series.size < this.#countMax;
      series = fits ? undefined : this.#series.get(overflowKey);
      if (series === undefined) {
        const attributes = fits ? attributesOf(dimensions) : overflowAttributes;
        series = { attributes, startNs: nowNs, value: this.#make(), updatedMs: nowMs };
        this.#series.set(fits ? key : overflowKey, series);
      }
    }
    series.updatedMs = nowMs;
    return series.value;
  }

  values(): Iterable<Series<T>> {
    return this.#series.values();
  }

  /** Forgets what was not touched since. */
  expire(beforeMs: number): void {
    for (const [key, { updatedMs }] of this.#series) if (updatedMs <= beforeMs) this.#series.delete(key);
  }

  clear(): void {
    this.#series.clear();
  }
}

function attributesOf(dimensions: readonly DimensionValue[]): ReadonlyMap<string, ValueInput> {
  const attributes = new Map<string, ValueInput>();
  for (const [name, value] of dimensions) {
    if (value !== undefined) attributes.set(name, inputOf(value));
  }
  return attributes;
}

/** A plain number is a double, which the builders would take for an integer when it is whole. */
function inputOf(value: AnyValue): ValueInput {
  return typeof value === 'number' ? double(value) : (value as ValueInput);
}
