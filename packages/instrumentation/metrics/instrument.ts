/**
 * Instruments whose cells can be held on to. They satisfy the interfaces of @opentelemetry/api, so code written for
 * the API takes them as they are; `bind` is what they have beyond it.
 */
import type * as api from '@opentelemetry/api';
import { HistogramCell, SumCell } from './cell.ts';
import { activeExemplarSpan } from './exemplar.ts';
import type { InstrumentDefinition } from './instrument-definition.ts';

/** Attribute sets per instrument, the specification's default; what comes after shares one overflow cell. */
export const CELLS_PER_INSTRUMENT_MAX = 2_000;
const OVERFLOW: api.Attributes = { 'otel.metric.overflow': true };

/** OpenTelemetry's default bounds (metrics SDK, "Explicit bucket histogram aggregation"). */
const BOUNDARIES_DEFAULT = [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000];

interface Cell {
  readonly attributes: api.Attributes;
  readonly touched: boolean;
  reset(): void;
}

abstract class BoundInstrument<C extends Cell> {
  readonly definition: InstrumentDefinition;
  readonly #cells = new Map<string, C>();
  readonly #byObject = new WeakMap<api.Attributes, C>();
  /** Cells of sets of one text, by name and value: most of what an application counts, found without making a key. */
  readonly #byText = new Map<string, Map<string, C>>();

  constructor(definition: InstrumentDefinition) {
    this.definition = definition;
  }

  /** The cell of these attributes; the same set in any order gives the same cell. The object is not kept. */
  bind(attributes: api.Attributes = {}): C {
    const name = onlyNameOf(attributes);
    const value = name === undefined ? undefined : attributes[name];
    const known = typeof value === 'string' ? this.#byText.get(name!)?.get(value) : this.#byObject.get(attributes);
    if (known !== undefined) return known;
    const key = keyOf(attributes);
    let cell = this.#cells.get(key);
    if (cell === undefined) {
      cell = this.#cells.size < CELLS_PER_INSTRUMENT_MAX ? this.createCell({ ...attributes }) : this.#overflow();
      if (cell.attributes !== OVERFLOW) this.#cells.set(key, cell);
    }
    if (typeof value === 'string') this.#remember(name!, value, cell);
    // A frozen object cannot come to mean another set: it is recognised by identity from now on.
    else if (Object.isFrozen(attributes)) this.#byObject.set(attributes, cell);
    return cell;
  }

  /** All cells that hold a measurement. */
  touchedCells(): C[] {
    return [...this.#cells.values()].filter((cell) => cell.touched);
  }

  /** Forgets all measurements; cells that somebody holds stay valid. */
  reset(): void {
    for (const cell of this.#cells.values()) cell.reset();
  }

  protected abstract createCell(attributes: api.Attributes): C;

  /** The overflow cell is not remembered: a stranger's texts would be kept that the limit is there against. */
  #remember(name: string, value: string, cell: C): void {
    if (cell.attributes === OVERFLOW) return;
    let byValue = this.#byText.get(name);
    if (byValue === undefined) this.#byText.set(name, (byValue = new Map()));
    byValue.set(value, cell);
  }

  #overflow(): C {
    const key = 'overflow';
    let cell = this.#cells.get(key);
    if (cell === undefined) this.#cells.set(key, (cell = this.createCell(OVERFLOW)));
    return cell;
  }
}

/** A counter never goes down: a negative or unreal increment is refused silently, as the API asks. */
export class Counter extends BoundInstrument<SumCell> implements api.Counter {
  add(value: number, attributes?: api.Attributes): void {
    if (value >= 0) this.bind(attributes).add(value, activeExemplarSpan());
  }

  protected createCell(attributes: api.Attributes): SumCell {
    return new SumCell(attributes);
  }
}

export class UpDownCounter extends BoundInstrument<SumCell> implements api.UpDownCounter {
  add(value: number, attributes?: api.Attributes): void {
    if (!Number.isNaN(value)) this.bind(attributes).add(value);
  }

  protected createCell(attributes: api.Attributes): SumCell {
    return new SumCell(attributes);
  }
}

export class Gauge extends BoundInstrument<SumCell> implements api.Gauge {
  record(value: number, attributes?: api.Attributes): void {
    if (!Number.isNaN(value)) this.bind(attributes).set(value);
  }

  protected createCell(attributes: api.Attributes): SumCell {
    return new SumCell(attributes);
  }
}

export class Histogram extends BoundInstrument<HistogramCell> implements api.Histogram {
  get boundaries(): readonly number[] {
    return this.definition.boundaries ?? BOUNDARIES_DEFAULT;
  }

  record(value: number, attributes?: api.Attributes): void {
    this.bind(attributes).record(value, activeExemplarSpan());
  }

  protected createCell(attributes: api.Attributes): HistogramCell {
    return new HistogramCell(attributes, this.boundaries);
  }
}

export type Instrument = Counter | UpDownCounter | Gauge | Histogram;

/** The name of the attribute, when there is exactly one. */
function onlyNameOf(attributes: api.Attributes): string | undefined {
  let only: string | undefined;
  for (const name in attributes) {
    if (only !== undefined) return undefined;
    only = name;
  }
  return only;
}

function keyOf(attributes: api.Attributes): string {
  const keys = Object.keys(attributes);
  if (keys.length === 0) return '';
  if (keys.length > 1) keys.sort();
  let key = '';
  for (const name of keys) {
    const value = attributes[name];
    if (value !== undefined) key += `${name}\u0000${typeof value === 'object' ? JSON.stringify(value) : value}\u0001`;
  }
  return key;
}
