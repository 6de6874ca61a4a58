/** The points of series as JSON: `,[1435781451.781,"1.5"]` one after the other. */
import type { MatrixSeries } from '../promql/index.ts';
import { formatHistogram, formatTimestamp } from './go-json.ts';
import type { JsonBytes } from './json-bytes.ts';
import { SAMPLE_BYTES_MAX, writeSample } from './sample-digits.ts';

const QUOTE = 0x22;
const CLOSE = 0x5d;

/**
 * Writes points, and what is before the value of each: series of a range query have the same times, mostly all of them
 * one after the other, so each is written once and found beside the one before.
 */
export class PointText {
  readonly #times: number[] = [];
  readonly #places = new Map<number, number>();
  /** `,[1435781451.781,"` of each time, and where it begins. */
  #heads = new Uint8Array(4096);
  readonly #starts: number[] = [0];
  #headMax = 0;

  /** The floats of a series; nothing when it has none. */
  floats(json: JsonBytes, { timestamps, values, histograms }: MatrixSeries): void {
    const count = timestamps.length;
    let next = 0;
    for (let i = 0; i < count; i++) {
      if (histograms?.[i] !== undefined) continue;
      const place = this.#times[next] === timestamps[i] ? next : this.#placeOf(timestamps[i]!);
      next = place + 1;
      if (json.length + this.#headMax + SAMPLE_BYTES_MAX + 2 > json.bytes.length) {
        json.reserve((count - i) * (this.#headMax + SAMPLE_BYTES_MAX + 2));
      }
      json.length = this.#float(json.bytes, json.length, place, values, i);
    }
  }

  #float(bytes: Uint8Array, at: number, place: number, values: Float64Array, index: number): number {
    const heads = this.#heads;
    const end = this.#starts[place + 1]!;
    for (let from = this.#starts[place]!; from < end; from++) bytes[at++] = heads[from]!;
    const behind = writeSample(bytes, at, values, index);
    bytes[behind] = QUOTE;
    bytes[behind + 1] = CLOSE;
    return behind + 2;
  }

  /** The native histograms of a series. */
  natives(json: JsonBytes, { timestamps, histograms }: MatrixSeries): void {
    if (histograms === null) return;
    for (let i = 0; i < timestamps.length; i++) {
      const histogram = histograms[i];
      if (histogram !== undefined) json.text(`,[${formatTimestamp(timestamps[i]!)},${formatHistogram(histogram)}]`);
    }
  }

  #placeOf(timestampMs: number): number {
    const known = this.#places.get(timestampMs);
    if (known !== undefined) return known;
    const head = `,[${formatTimestamp(timestampMs)},"`;
    const place = this.#times.push(timestampMs) - 1;
    this.#places.set(timestampMs, place);
    const start = this.#starts[place]!;
    if (start + head.length > this.#heads.length) {
      const larger = new Uint8Array(this.#heads.length * 2);
      larger.set(this.#heads);
      this.#heads = larger;
    }
    for (let i = 0; i < head.length; i++) this.#heads[start + i] = head.charCodeAt(i);
    this.#starts.push(start + head.length);
    this.#headMax = Math.max(this.#headMax, head.length);
    return place;
  }
}
