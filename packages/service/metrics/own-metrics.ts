/**
 * The metrics that a server tells about itself, with the real tools' names, in the Prometheus text format and in
 * OpenMetrics. Small on purpose: counters, gauges and histograms with labels, and families filled when asked.
 */
import { formatOwnMetrics } from './format.ts';

export type MetricType = 'counter' | 'gauge' | 'histogram' | 'summary' | 'info';
export type LabelValues = Readonly<Record<string, string>>;

export interface Sample {
  /** Appended to the family's name: '', `_bucket`, `_sum`, `_count`. */
  readonly suffix: string;
  readonly labels: LabelValues;
  readonly value: number;
}

export interface Family {
  /** As exposed in the text format; counters end in `_total`. */
  readonly name: string;
  readonly help: string;
  readonly type: MetricType;
  samples(): Iterable<Sample>;
}

/**
 * Distinct label sets of one family. Labels of own metrics come from code and configuration; more than this means
 * that something from outside became a label, which must not grow without bound.
 */
export const LABEL_SETS_MAX = 10_000;

export interface Counter {
  /** `amount` must not be negative. */
  inc(labels?: LabelValues, amount?: number): void;
  get(labels?: LabelValues): number;
}

export interface Gauge {
  set(value: number, labels?: LabelValues): void;
  add(amount: number, labels?: LabelValues): void;
  get(labels?: LabelValues): number;
  remove(labels?: LabelValues): void;
}

export interface Histogram {
  observe(value: number, labels?: LabelValues): void;
}

export class OwnMetrics {
  readonly #families = new Map<string, Family>();

  counter(name: string, help: string): Counter {
    const cells = new Cells(name);
    this.register({ name, help, type: 'counter', samples: () => cells.samples() });
    return {
      inc(labels = NO_LABELS, amount = 1) {
        if (!(amount >= 0)) throw new Error(`BUG: counter ${name} cannot go down by ${amount}`);
        cells.of(labels).value += amount;
      },
      get: (labels = NO_LABELS) => cells.peek(labels),
    };
  }

  gauge(name: string, help: string): Gauge {
    const cells = new Cells(name);
    this.register({ name, help, type: 'gauge', samples: () => cells.samples() });
    return {
      set: (value, labels = NO_LABELS) => void (cells.of(labels).value = value),
      add: (amount, labels = NO_LABELS) => void (cells.of(labels).value += amount),
      get: (labels = NO_LABELS) => cells.peek(labels),
      remove: (labels = NO_LABELS) => cells.remove(labels),
    };
  }

  /** `bounds` are upper bounds in ascending order, without +Inf. */
  histogram(name: string, help: string, bounds: readonly number[]): Histogram {
    const cells = new Map<string, HistogramCell>();
    this.register({ name, help, type: 'histogram', samples: () => histogramSamples(cells.values(), bounds) });
    return {
      observe(value, labels = NO_LABELS) {
        const key = keyOf(labels);
        let cell = cells.get(key);
        if (cell === undefined) {
          assertRoom(name, cells.size);
          cell = { labels, counts: new Float64Array(bounds.length + 1), sum: 0 };
          cells.set(key, cell);
        }
        let bucket = 0;
        while (bucket < bounds.length && value > bounds[bucket]!) bucket++;
        cell.counts[bucket]! += 1;
        cell.sum += value;
      },
    };
  }

  /** A family whose samples are computed when somebody asks. */
  observed(
    name: string,
    help: string,
    type: 'counter' | 'gauge',
    read: () => Iterable<readonly [LabelValues, number]>,
  ): void {
    this.register({
      name,
      help,
      type,
      *samples() {
        for (const [labels, value] of read()) yield { suffix: '', labels, value };
      },
    });
  }

  register(family: Family): void {
    if (this.#families.has(family.name)) throw new Error(`BUG: metric ${family.name} is registered twice`);
    this.#families.set(family.name, family);
  }

  families(): Iterable<Family> {
    return this.#families.values();
  }

  /** The exposition for an Accept header: OpenMetrics 1.0 when asked for, the text format 0.0.4 otherwise. */
  expose(accept: string | undefined): { readonly contentType: string; readonly body: string } {
    return formatOwnMetrics([...this.#families.values()], accept);
  }
}

const NO_LABELS: LabelValues = {};

interface Cell {
  readonly labels: LabelValues;
  value: number;
}

interface HistogramCell {
  readonly labels: LabelValues;
  readonly counts: Float64Array;
  sum: number;
}

class Cells {
  readonly #name: string;
  readonly #cells = new Map<string, Cell>();

  constructor(name: string) {
    this.#name = name;
  }

  of(labels: LabelValues): Cell {
    const key = keyOf(labels);
    let cell = this.#cells.get(key);
    if (cell === undefined) {
      assertRoom(this.#name, this.#cells.size);
      cell = { labels, value: 0 };
      this.#cells.set(key, cell);
    }
    return cell;
  }

  peek(labels: LabelValues): number {
    return this.#cells.get(keyOf(labels))?.value ?? 0;
  }

  remove(labels: LabelValues): void {
    this.#cells.delete(keyOf(labels));
  }

  *samples(): Iterable<Sample> {
    for (const cell of this.#cells.values()) yield { suffix: '', labels: cell.labels, value: cell.value };
  }
}

function* histogramSamples(cells: Iterable<HistogramCell>, bounds: readonly number[]): Iterable<Sample> {
  for (const { labels, counts, sum } of cells) {
    let cumulative = 0;
    for (let i = 0; i <= bounds.length; i++) {
      cumulative += counts[i]!;
      const le = i === bounds.length ? '+Inf' : String(bounds[i]);
      yield { suffix: '_bucket', labels: { ...labels, le }, value: cumulative };
    }
    yield { suffix: '_sum', labels, value: sum };
    yield { suffix: '_count', labels, value: cumulative };
  }
}

function keyOf(labels: LabelValues): string {
  let key = '';
  for (const name in labels) key += `${name}\u0000${labels[name]}\u0001`;
  return key;
}

function assertRoom(name: string, size: number): void {
  if (size >= LABEL_SETS_MAX) throw new Error(`BUG: metric ${name} has more than ${LABEL_SETS_MAX} label sets`);
}
