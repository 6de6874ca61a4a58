// A histogram whose buckets are powers of 2^(2^-scale), coarser by itself when the values spread (OpenTelemetry's data
// model, "Exponential histograms").

/** The finest scale that the specification recommends to begin with. */
const scaleMax = 20;
/** Coarser than this one bucket spans the whole range of doubles. */
const scaleMin = -10;

/** Bucket k of `counts` has index `first + k`: it holds values above base^(first + k), up to base^(first + k + 1). */
export class ExponentialHistogram {
  scale = scaleMax;
  first = 0;
  counts: number[] = [];
  zeroCount = 0;
  readonly #sizeMax: number;

  /** At most `sizeMax` buckets, at least 2. */
  constructor(sizeMax: number) {
    this.#sizeMax = sizeMax;
  }

  /** `value` must not be negative. */
  add(value: number): void {
    if (value === 0) {
      this.zeroCount++;
      return;
    }
    let index = indexOf(value, this.scale);
    while (this.#sizeWith(index) > this.#sizeMax && this.scale > scaleMin) {
      this.#coarsen();
      index = indexOf(value, this.scale);
    }
    if (this.counts.length === 0) this.first = index;
    for (; index < this.first; this.first--) this.counts.unshift(0);
    while (this.first + this.counts.length <= index) this.counts.push(0);
    this.counts[index - this.first]! += 1;
  }

  #sizeWith(index: number): number {
    if (this.counts.length === 0) return 1;
    const last = this.first + this.counts.length - 1;
    return Math.max(last, index) - Math.min(this.first, index) + 1;
  }

  /** Half the scale: two neighbours become one. */
  #coarsen(): void {
    const { first, counts } = this;
    this.scale--;
    if (counts.length === 0) return;
    this.first = Math.floor(first / 2);
    const merged = new Array<number>(Math.floor((first + counts.length - 1) / 2) - this.first + 1).fill(0);
    counts.forEach((count, at) => {
      merged[Math.floor((first + at) / 2) - this.first]! += count;
    });
    this.counts = merged;
  }
}

/** A value on a bound belongs to the bucket below it. Powers of two come out exactly, whatever the scale. */
function indexOf(value: number, scale: number): number {
  return Math.ceil(Math.log2(value) * 2 ** scale) - 1;
}
