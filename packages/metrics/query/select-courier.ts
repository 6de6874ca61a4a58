/** Packs what a select found for one worker: what the worker has seen before goes as numbers only. */
import type { SelectedSeries } from '../store/store-reader.ts';
import type { SelectedMessage } from './worker-messages.ts';

/** A worker's label sets: at about 300 bytes each, 60 MB. Beyond, it forgets all and learns anew what it needs. */
const LABELS_MAX = 200_000;

/** A source that so many selects in a row did not use is forgotten, so that dropped blocks leave memory. */
const UNUSED_SELECTS_MAX = 64;
const SWEEP_EVERY = 16;

export interface PackedSelect {
  readonly message: SelectedMessage;
  readonly transfer: readonly ArrayBuffer[];
}

export class SelectCourier {
  /** By ref: 1 when the worker knows the labels. */
  #knownRefs = new Uint8Array(1024);
  #knownRefCount = 0;
  /** What gave the refs. */
  #index: SelectedSeries['index'] | undefined;
  /** The number of the select that used a source last, by its id. */
  readonly #sources = new Map<number, number>();
  #selects = 0;

  pack(query: number, call: number, selected: SelectedSeries): PackedSelect {
    this.#selects++;
    const tooMany = this.#knownRefCount + selected.refs.length > LABELS_MAX && this.#knownRefCount > 0;
    const forgetLabels = tooMany || selected.index !== this.#index;
    this.#index = selected.index;
    if (forgetLabels) {
      this.#knownRefs.fill(0);
      this.#knownRefCount = 0;
    }
    const forgetSources = this.#selects % SWEEP_EVERY === 0 ? this.#sweep() : [];
    const { sources, ...snapshot } = selected.snapshot;
    const freshSources = sources.filter(({ id }) => !this.#sources.has(id));
    for (const { id } of sources) this.#sources.set(id, this.#selects);
    const message: SelectedMessage = {
      type: 'selected',
      query,
      call,
      refs: selected.refs.slice(),
      ...this.#freshLabels(selected),
      sourceIds: Float64Array.from(sources, ({ id }) => id),
      sourceRows: Int32Array.from(sources, ({ rows }) => rows),
      histogramCounts: Int32Array.from(sources, ({ histograms }) => histograms?.count ?? 0),
      freshSources,
      forgetLabels,
      forgetSources,
      snapshot,
      warnings: selected.warnings,
    };
    return { message, transfer: [message.refs.buffer as ArrayBuffer, message.freshRefs.buffer as ArrayBuffer] };
  }

  #freshLabels({ refs, labels }: SelectedSeries): Pick<SelectedMessage, 'freshRefs' | 'freshKeys'> {
    const fresh: number[] = [];
    const freshKeys: string[] = [];
    for (let i = 0; i < refs.length; i++) {
      const ref = refs[i]!;
      if (ref >= this.#knownRefs.length) this.#grow(ref);
      if (this.#knownRefs[ref] === 1) continue;
      this.#knownRefs[ref] = 1;
      fresh.push(ref);
      freshKeys.push(labels[i]!.freshKey());
    }
    this.#knownRefCount += fresh.length;
    return { freshRefs: Int32Array.from(fresh), freshKeys };
  }

  #grow(ref: number): void {
    const larger = new Uint8Array(Math.max(ref + 1, this.#knownRefs.length * 2));
    larger.set(this.#knownRefs);
    this.#knownRefs = larger;
  }

  #sweep(): number[] {
    const gone: number[] = [];
    for (const [id, used] of this.#sources) if (this.#selects - used > UNUSED_SELECTS_MAX) gone.push(id);
    for (const id of gone) this.#sources.delete(id);
    return gone;
  }
}
