/** Chunks of floats as the real server's clients read them (tsdb/docs/format/chunks.md, "XOR chunk data"). */
import type { SeriesSamples } from '../queryable.ts';
import { type BitWriter, fitsSigned } from './bit-writer.ts';
import { XorValue } from './xor-value.ts';

/** Bits of a change in distance, behind as many ones and a zero. */
const STEP_SIZES = [14, 17, 20] as const;

/** The samples from `from` to before `to`; `isStale` tells by position. */
export function encodeFloatChunk(
  writer: BitWriter,
  { timestamps, values }: Pick<SeriesSamples, 'timestamps' | 'values'>,
  isStale: (at: number) => boolean,
  from: number,
  to: number,
): Uint8Array {
  writer.bits(to - from, 16);
  const value = new XorValue();
  let distance = 0;
  for (let at = from; at < to; at++) {
    const timeMs = timestamps[at]!;
    if (at === from) {
      writer.uvarint(timeMs < 0 ? -2 * timeMs - 1 : 2 * timeMs);
      value.first(writer, values[at]!, isStale(at));
      continue;
    }
    const next = timeMs - timestamps[at - 1]!;
    if (at === from + 1) writer.uvarint(next);
    else writeStep(writer, next - distance);
    distance = next;
    value.next(writer, values[at]!, isStale(at));
  }
  return writer.take();
}

function writeStep(writer: BitWriter, change: number): void {
  if (change === 0) {
    writer.bits(0, 1);
    return;
  }
  const at = STEP_SIZES.findIndex((bits) => fitsSigned(change, bits));
  if (at < 0) {
    writer.bits(0b1111, 4);
    writer.integer(change, 64);
    return;
  }
  writer.bits(2 ** (at + 2) - 2, at + 2);
  writer.integer(change, STEP_SIZES[at]!);
}
