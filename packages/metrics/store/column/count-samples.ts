/** How many samples a column has, from its head alone (docs/format/metrics-column.md). */
import { Head } from './column-format.ts';

/** The column is bytes start … end - 1 of a chunk of `rows` rows. */
export function countSamples(view: DataView, start: number, end: number, rows: number): number {
  if (start === end) return 0;
  const head = view.getUint8(start);
  const ranged = (head & Head.range) !== 0;
  const count = ranged ? view.getUint16(start + 3, true) : rows;
  if ((head & Head.holes) === 0) return count;
  const from = start + (ranged ? 5 : 1);
  let there = 0;
  for (let i = 0; i < (count + 7) >> 3; i++) {
    for (let bits = view.getUint8(from + i); bits !== 0; bits &= bits - 1) there++;
  }
  return there;
}
