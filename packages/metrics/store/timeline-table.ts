/** Which sequences of sources the series of a select have: a few, which many series share. */
import type { SelectSnapshot } from './select-snapshot.ts';

/** Sources that follow one another and in which a series has one and the same column. */
export class RunTable {
  readonly #firsts: number[] = [];
  readonly #ends: number[] = [];

  add(first: number, end: number): number {
    this.#ends.push(end);
    return this.#firsts.push(first) - 1;
  }

  firstOf(run: number): number {
    return this.#firsts[run]!;
  }

  sizeOf(run: number): number {
    return this.#ends[run]! - this.#firsts[run]!;
  }
}

/** Sequences of runs, each once. */
export class TimelineTable {
  #starts = new Int32Array(16);
  #runs = new Int32Array(64);
  #count = 0;
  /** Of one run alone, as nearly all series have that are younger than a head: no hash is needed. */
  readonly #single: (number | undefined)[] = [];
  readonly #byHash = new Map<number, number[]>();
  #last = -1;

  find(sequence: Int32Array, length: number): number {
    if (length === 1) {
      const run = sequence[0]!;
      return (this.#single[run] ??= this.#add(sequence, 1));
    }
    // Series of one target follow one another mostly.
    if (this.#last >= 0 && this.#equals(this.#last, sequence, length)) return this.#last;
    let hash = length;
    for (let i = 0; i < length; i++) hash = Math.imul(hash ^ sequence[i]!, 0x9e3779b1);
    let bucket = this.#byHash.get(hash);
    if (bucket === undefined) this.#byHash.set(hash, (bucket = []));
    for (const timeline of bucket) if (this.#equals(timeline, sequence, length)) return (this.#last = timeline);
    const added = this.#add(sequence, length);
    bucket.push(added);
    return (this.#last = added);
  }

  finish(runs: RunTable): Pick<SelectSnapshot, 'timelineStarts' | 'timelineSources' | 'timelinePlaces'> {
    let total = 0;
    for (let i = 0; i < this.#starts[this.#count]!; i++) total += runs.sizeOf(this.#runs[i]!);
    const timelineStarts = new Int32Array(this.#count + 1);
    const timelineSources = new Int32Array(total);
    const timelinePlaces = new Int32Array(total);
    let at = 0;
    for (let timeline = 0; timeline < this.#count; timeline++) {
      const begin = this.#starts[timeline]!;
      for (let i = begin; i < this.#starts[timeline + 1]!; i++) {
        const first = runs.firstOf(this.#runs[i]!);
        const end = first + runs.sizeOf(this.#runs[i]!);
        for (let source = first; source < end; source++) {
          timelineSources[at] = source;
          timelinePlaces[at++] = i - begin;
        }
      }
      timelineStarts[timeline + 1] = at;
    }
    return { timelineStarts, timelineSources, timelinePlaces };
  }

  #equals(timeline: number, sequence: Int32Array, length: number): boolean {
    const start = this.#starts[timeline]!;
    if (this.#starts[timeline + 1]! - start !== length) return false;
    for (let i = 0; i < length; i++) if (this.#runs[start + i] !== sequence[i]) return false;
    return true;
  }

  #add(sequence: Int32Array, length: number): number {
    const start = this.#starts[this.#count]!;
    while (start + length > this.#runs.length) this.#runs = enlarged(this.#runs);
    if (this.#count + 2 > this.#starts.length) this.#starts = enlarged(this.#starts);
    for (let i = 0; i < length; i++) this.#runs[start + i] = sequence[i]!;
    this.#starts[this.#count + 1] = start + length;
    return this.#count++;
  }
}

export function enlarged(array: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}
