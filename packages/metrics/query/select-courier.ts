/** Packs what a select found for one worker: what the worker has seen before goes as numbers only. */
import type { Labels } from '../model/labels.ts';
import type { SelectedSeries } from '../store/store-reader.ts';
import type { SelectedMessage } from './worker-messages.ts';

/** A worker's label sets: at about 300 bytes each, 60 MB. Beyond, it forgets all and learns anew what it needs. */
const LABELS_MAX = 200_000;

/** Series in all arrays of labels that a worker keeps: at eight bytes each, 3 MB. */
const ARRAYS_SERIES_MAX = 400_000;

/** A source that so many selects in a row did not use is forgotten, so that dropped blocks leave memory. */
const UNUSED_SELECTS_MAX = 64;
const SWEEP_EVERY = 16;

export interface PackedSelect {
  readonly message: SelectedMessage;
  readonly transfer: readonly ArrayBuffer[];
}

export class SelectCourier {
  /** By ref: the labels that the worker knows. A ref may be another series' later, which has labels of its own. */
  readonly #known: (Labels | undefined)[] = [];
  /** Label sets that the worker learned, those of series that have gone among them. */
  #learnedCount = 0;
  /** Numbers of the texts that the worker knows: equal texts are one there, which makes comparing them cheap. */
  readonly #texts = new Map<string, number>();
  readonly #numbers = new WeakMap<readonly Labels[], number>();
  /** How long the arrays are that the worker keeps, by their number; the one unused longest comes first. */
  readonly #arrays = new Map<number, number>();
  #arraysSeries = 0;
  #arrayCount = 0;
  /** What gave the refs. */
  #index: SelectedSeries['index'] | undefined;
  /** The number of the select that used a source last, by its id. */
  readonly #sources = new Map<number, number>();
  #selects = 0;
  readonly #labelsMax: number;

  constructor(labelsMax = LABELS_MAX) {
    this.#labelsMax = labelsMax;
  }

  pack(query: number, call: number, selected: SelectedSeries): PackedSelect {
    this.#selects++;
    const forgetLabels = selected.index !== this.#index || this.#knowsTooMany(selected);
    this.#index = selected.index;
    if (forgetLabels) {
      this.#texts.clear();
      this.#known.length = 0;
      this.#learnedCount = 0;
      this.#arrays.clear();
      this.#arraysSeries = 0;
    }
    const forgetSources = this.#selects % SWEEP_EVERY === 0 ? this.#sweep() : [];
    const { sources, ...snapshot } = selected.snapshot;
    const freshSources = sources.filter(({ id }) => !this.#sources.has(id));
    for (const { id } of sources) this.#sources.set(id, this.#selects);
    const array = this.#numberOf(selected.labels);
    const isKept = this.#arrays.has(array);
    const message: SelectedMessage = {
      type: 'selected',
      query,
      call,
      array,
      refs: isKept ? null : selected.refs.slice(),
      ...(isKept ? { freshTexts: [], freshLabels: new Int32Array(0) } : this.#freshLabels(selected)),
      sourceIds: Float64Array.from(sources, ({ id }) => id),
      sourceRows: Int32Array.from(sources, ({ rows }) => rows),
      histogramCounts: Int32Array.from(sources, ({ histograms }) => histograms?.count ?? 0),
      freshSources,
      forgetLabels,
      forgetArrays: this.#keep(array, selected.refs.length),
      forgetSources,
      snapshot,
      warnings: selected.warnings,
    };
    // The arrays of a snapshot are its own; at several columns for each series, copying them would hold intake up.
    const { timelineStarts, timelineSources, timelinePlaces, timelineOf, columnStarts, columns } = snapshot;
    const moved = [
      message.freshLabels,
      timelineStarts,
      timelineSources,
      timelinePlaces,
      timelineOf,
      columnStarts,
      columns,
    ];
    if (message.refs !== null) moved.push(message.refs);
    return { message, transfer: moved.map(({ buffer }) => buffer as ArrayBuffer) };
  }

  /** Whether it would know too many labels, and knew some before. */
  #knowsTooMany({ refs, labels }: SelectedSeries): boolean {
    if (this.#learnedCount === 0 || this.#learnedCount + refs.length <= this.#labelsMax) return false;
    if (this.#arrays.has(this.#numberOf(labels))) return false;
    let count = this.#learnedCount;
    for (let i = 0; i < refs.length; i++) if (this.#known[refs[i]!] !== labels[i]) count++;
    return count > this.#labelsMax;
  }

  #numberOf(labels: readonly Labels[]): number {
    let number = this.#numbers.get(labels);
    if (number === undefined) this.#numbers.set(labels, (number = ++this.#arrayCount));
    return number;
  }

  /** Gives what the worker is to forget instead. */
  #keep(array: number, length: number): number[] {
    if (!this.#arrays.delete(array)) this.#arraysSeries += length;
    this.#arrays.set(array, length);
    const gone: number[] = [];
    for (const [oldest, oldLength] of this.#arrays) {
      if (this.#arraysSeries <= ARRAYS_SERIES_MAX || oldest === array) break;
      this.#arrays.delete(oldest);
      this.#arraysSeries -= oldLength;
      gone.push(oldest);
    }
    return gone;
  }

  #freshLabels({ refs, labels }: SelectedSeries): Pick<SelectedMessage, 'freshTexts' | 'freshLabels'> {
    const freshTexts: string[] = [];
    const fresh: number[] = [];
    for (let i = 0; i < refs.length; i++) {
      const ref = refs[i]!;
      if (this.#known[ref] === labels[i]) continue;
      this.#known[ref] = labels[i];
      this.#learnedCount++;
      const { pairs } = labels[i]!;
      fresh.push(ref, pairs.length);
      for (const text of pairs) fresh.push(this.#number(text, freshTexts));
    }
    return { freshTexts, freshLabels: Int32Array.from(fresh) };
  }

  #number(text: string, freshTexts: string[]): number {
    let number = this.#texts.get(text);
    if (number === undefined) {
      number = this.#texts.size;
      this.#texts.set(text, number);
      freshTexts.push(text);
    }
    return number;
  }

  #sweep(): number[] {
    const gone: number[] = [];
    for (const [id, used] of this.#sources) if (this.#selects - used > UNUSED_SELECTS_MAX) gone.push(id);
    for (const id of gone) this.#sources.delete(id);
    return gone;
  }
}
