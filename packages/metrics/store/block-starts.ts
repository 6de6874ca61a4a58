/** The section of a block that holds start timestamps (docs/format/metrics-block.md). */
import { ByteWriter } from './column/byte-writer.ts';
import { sharedFloat64 } from './shared-memory.ts';
import type { StartSteps } from './start-times.ts';

const ROW_BYTES = 8;

/** `steps` by the number of the series in the block, ascending. */
export function encodeStarts(steps: readonly (readonly [series: number, steps: StartSteps])[]): Uint8Array {
  const out = new ByteWriter(8 + 24 * steps.length);
  out.u32(steps.length);
  for (const [series, { times }] of steps) {
    out.u32(series);
    out.u32(times.length);
  }
  for (const [, { times, starts }] of steps) {
    times.forEach((timeMs, i) => {
      out.f64(timeMs);
      out.f64(starts[i]!);
    });
  }
  return out.take();
}

export class BlockStarts {
  /** Times and starts of all series, one after the other, in shared memory. */
  readonly #times: Float64Array;
  readonly #starts: Float64Array;
  /** Where those of each series begin and end, by its number in the block. */
  readonly #spans = new Map<number, readonly [from: number, to: number]>();

  constructor(bytes: Uint8Array) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const count = view.getUint32(0, true);
    let total = 0;
    for (let i = 0; i < count; i++) {
      const steps = view.getUint32(4 + i * ROW_BYTES + 4, true);
      this.#spans.set(view.getUint32(4 + i * ROW_BYTES, true), [total, total + steps]);
      total += steps;
    }
    this.#times = sharedFloat64(total);
    this.#starts = sharedFloat64(total);
    const at = 4 + count * ROW_BYTES;
    for (let i = 0; i < total; i++) {
      this.#times[i] = view.getFloat64(at + 16 * i, true);
      this.#starts[i] = view.getFloat64(at + 16 * i + 8, true);
    }
  }

  /** Views that must not be changed. */
  of(series: number): StartSteps | undefined {
    const span = this.#spans.get(series);
    if (span === undefined) return undefined;
    return { times: this.#times.subarray(...span), starts: this.#starts.subarray(...span) };
  }
}
