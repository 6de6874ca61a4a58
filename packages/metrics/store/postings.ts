/** Sorted lists of series refs, and the set operations that label matchers need. */

/** A growing list of refs, ascending when it is read. Many values belong to one series alone: their list has no array of its own. */
export class PostingList {
  #refs: Int32Array | undefined;
  #first = 0;
  #count = 0;
  /** So many of the refs are in order; those of series that took the ref of another one may stand behind them. */
  #ordered = 0;

  get size(): number {
    return this.#count;
  }

  /** `ref` is not there yet. */
  append(ref: number): void {
    if (this.#count === 0) this.#first = ref;
    else {
      this.#refs ??= Int32Array.of(this.#first, 0, 0, 0);
      if (this.#count === this.#refs.length) {
        const larger = new Int32Array(this.#count * 2);
        larger.set(this.#refs);
        this.#refs = larger;
      }
      this.#refs[this.#count] = ref;
    }
    const inOrder = this.#ordered === this.#count && (this.#count === 0 || this.#last() < ref);
    this.#count++;
    if (inOrder) this.#ordered = this.#count;
  }

  /** Keeps the refs that `keep` wants. */
  retain(keep: (ref: number) => boolean): void {
    let kept = 0;
    for (const ref of this.view()) {
      if (!keep(ref)) continue;
      if (kept === 0) this.#first = ref;
      if (this.#refs !== undefined) this.#refs[kept] = ref;
      kept++;
    }
    this.#count = kept;
    this.#ordered = kept;
    if (kept <= 1) this.#refs = undefined;
  }

  /** Ascending; a view, valid until the next change. */
  view(): Int32Array {
    if (this.#count === 0) return NO_REFS;
    if (this.#refs === undefined) return Int32Array.of(this.#first);
    if (this.#ordered < this.#count) this.#order(this.#refs);
    return this.#refs.subarray(0, this.#count);
  }

  /** The newest in order. */
  #last(): number {
    return this.#refs === undefined ? this.#first : this.#refs[this.#ordered - 1]!;
  }

  /** Merges what is out of order into the rest, from the end: few against many. */
  #order(refs: Int32Array): void {
    const late = refs.slice(this.#ordered, this.#count).sort();
    let from = this.#ordered - 1;
    let to = this.#count - 1;
    for (let i = late.length - 1; i >= 0; to--) {
      if (from >= 0 && refs[from]! > late[i]!) refs[to] = refs[from--]!;
      else refs[to] = late[i--]!;
    }
    this.#first = refs[0]!;
    this.#ordered = this.#count;
  }
}

export const NO_REFS = new Int32Array(0);

export function intersect(a: Int32Array, b: Int32Array): Int32Array {
  if (a.length > b.length) return intersect(b, a);
  const out = new Int32Array(a.length);
  let count = 0;
  // A short list against a long one: search instead of walking.
  if (b.length > a.length * 16) {
    let from = 0;
    for (const ref of a) {
      from = lowerBound(b, ref, from);
      if (from === b.length) break;
      if (b[from] === ref) out[count++] = ref;
    }
    return out.subarray(0, count);
  }
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const left = a[i]!;
    const right = b[j]!;
    if (left === right) {
      out[count++] = left;
      i++;
      j++;
    } else if (left < right) i++;
    else j++;
  }
  return out.subarray(0, count);
}

export function subtract(a: Int32Array, b: Int32Array): Int32Array {
  if (b.length === 0) return a;
  const out = new Int32Array(a.length);
  let count = 0;
  let j = 0;
  for (const ref of a) {
    while (j < b.length && b[j]! < ref) j++;
    if (j === b.length || b[j] !== ref) out[count++] = ref;
  }
  return out.subarray(0, count);
}

export function union(lists: readonly Int32Array[]): Int32Array {
  if (lists.length === 0) return NO_REFS;
  if (lists.length === 1) return lists[0]!;
  let total = 0;
  for (const list of lists) total += list.length;
  const all = new Int32Array(total);
  let at = 0;
  for (const list of lists) {
    all.set(list, at);
    at += list.length;
  }
  all.sort();
  let count = 0;
  for (let i = 0; i < total; i++) if (i === 0 || all[i] !== all[i - 1]) all[count++] = all[i]!;
  return all.subarray(0, count);
}

function lowerBound(list: Int32Array, ref: number, from: number): number {
  let low = from;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (list[middle]! < ref) low = middle + 1;
    else high = middle;
  }
  return low;
}
