/** Puts an encoded column back into cells. */
import type { Chunk } from './chunk.ts';
import { Cell } from './column/column-format.ts';
import type { ColumnReader } from './column/decode-column.ts';

/** Fills cells [base, base + chunk.rows) from one column; histograms are left for who has a lookup of the chunk's. */
export function expandColumn(
  reader: ColumnReader,
  chunk: Chunk,
  column: number,
  values: Float64Array,
  states: Uint8Array,
  base: number,
): void {
  reader.read(
    chunk.bytes,
    chunk.view,
    chunk.offsets[column]!,
    chunk.offsets[column + 1]!,
    chunk.rows,
    0,
    chunk.rows,
    values,
    base,
  );
  const start = base + reader.first;
  if (reader.rows === null) {
    states.fill(Cell.float, start, start + reader.count);
  } else {
    // Backwards, because each value moves to its row at or behind where it stands.
    for (let i = reader.count - 1; i >= 0; i--) {
      values[base + reader.rows[i]!] = values[start + i]!;
      states[base + reader.rows[i]!] = Cell.float;
    }
  }
  if (reader.stale !== null) for (const row of reader.stale) states[base + row] = Cell.stale;
}
