import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ByteWriter } from './byte-writer.ts';
import { Cell } from './column-format.ts';
import { countSamples } from './count-samples.ts';
import { ColumnReader, decodeTimestamps } from './decode-column.ts';
import { encodeColumn, encodeTimestamps } from './encode-column.ts';

/** Cells: a number, `s` for a staleness marker, `_` for none. */
function roundTrip(cells: readonly (number | 's' | '_')[]): { cells: (number | 's' | '_')[]; sizeBytes: number } {
  const values = Float64Array.from(cells, (cell) => (typeof cell === 'number' ? cell : 0));
  const states = Uint8Array.from(cells, (cell) =>
    cell === '_' ? Cell.absent : cell === 's' ? Cell.stale : Cell.float,
  );
  const out = new ByteWriter();
  out.u8(99);
  const sizeBytes = encodeColumn(out, cells.length, values, states, 0, 1);
  const bytes = out.take();
  const reader = new ColumnReader();
  const decoded = new Float64Array(cells.length + 2);
  reader.read(bytes, new DataView(bytes.buffer), 1, 1 + sizeBytes, cells.length, 0, cells.length, decoded, 1);
  const back = cells.map((): number | 's' | '_' => '_');
  for (let i = 0; i < reader.count; i++) back[reader.rows?.[i] ?? reader.first + i] = decoded[1 + reader.first + i]!;
  for (const row of reader.stale ?? []) back[row] = 's';
  const counted = countSamples(new DataView(bytes.buffer), 1, 1 + sizeBytes, cells.length);
  assert.equal(counted, cells.filter((cell) => cell !== '_').length);
  return { cells: back, sizeBytes };
}

/** What a reader of only some rows gets of them. */
function partOf(cells: readonly (number | 's' | '_')[], fromRow: number, toRow: number): (number | 's' | '_')[] {
  const values = Float64Array.from(cells, (cell) => (typeof cell === 'number' ? cell : 0));
  const states = Uint8Array.from(cells, (cell) =>
    cell === '_' ? Cell.absent : cell === 's' ? Cell.stale : Cell.float,
  );
  const out = new ByteWriter();
  const sizeBytes = encodeColumn(out, cells.length, values, states, 0, 1);
  const reader = new ColumnReader();
  const decoded = new Float64Array(toRow - fromRow).fill(-1);
  const view = new DataView(out.bytes.buffer);
  reader.read(out.bytes, view, 0, sizeBytes, cells.length, fromRow, toRow, decoded, 0);
  const back = cells.slice(fromRow, toRow).map((): number | 's' | '_' => '_');
  for (let i = 0; i < reader.count; i++) {
    back[(reader.rows?.[i] ?? reader.first + i) - fromRow] = decoded[reader.first - fromRow + i]!;
  }
  for (const row of reader.stale ?? []) back[row - fromRow] = 's';
  return back;
}

function same(cells: readonly (number | 's' | '_')[]): number {
  const back = roundTrip(cells);
  assert.ok(
    back.cells.every((cell, i) => Object.is(cell, cells[i])),
    `${JSON.stringify(cells.slice(0, 20))} came back as ${JSON.stringify(back.cells.slice(0, 20))}`,
  );
  return back.sizeBytes;
}

test('columns of every kind come back bit by bit', () => {
  same([1]);
  same([5, 5, 5]);
  same([Number.NaN, Number.NaN]);
  same([1, Infinity, -Infinity, Number.NaN, -0, 0, 5e-324, Number.MAX_VALUE]);
  same([0.1, 0.2, 0.30000000000000004]);
  same([1.5, 2.25, -3.125]);
  same([9007199254740991, -9007199254740991]);
  same([1e15, 3, 1e-7]);
  same([0, 9007199254740992, 1]);
  same([-0, 1]);
  same([1, 300, 70_000, 20_000_000, 5e9, 2e12, 5e14, 1]);
});

test('gaps, late starts and staleness', () => {
  same(['_', '_', 1, 2, '_', 's', '_', 3, '_']);
  same(['s', '_', 's']);
  same(['_', 7]);
  assert.equal(same(['_', '_']), 0);
});

test('a counter with resets stays narrow', () => {
  let total = 1000;
  const cells = Array.from({ length: 480 }, (_, i) => {
    if (i === 100 || i === 300) total = 0;
    return (total += i % 200);
  });
  assert.ok(same(cells) / 480 < 1.2);
});

test('a gauge with two decimals takes about two bytes', () => {
  const cells = Array.from({ length: 480 }, (_, i) => Math.round((50 + 20 * Math.sin(i)) * 100) / 100);
  assert.ok(same(cells) / 480 < 2.2);
});

test('timestamps with jitter take a byte or two', () => {
  const times = Float64Array.from({ length: 240 }, (_, i) => 1_700_000_000_000 + i * 15_000 + ((i * 7919) % 11));
  const out = new ByteWriter();
  const bytes = encodeTimestamps(out, times, times.length);
  assert.ok(bytes < 300, `${bytes}`);
  assert.deepEqual(decodeTimestamps(out.bytes, new DataView(out.bytes.buffer), 0, 240, new Float64Array(240)), times);
});

test('whole numbers without gaps come back, of any width and step', () => {
  const starts = [0, -7, 1e8, 2 ** 32, 2 ** 53 - 3_000, -(2 ** 53) + 9_000];
  const steps: ((i: number) => number)[] = [
    () => 3,
    () => -3,
    (i) => (i * 7) % 50,
    (i) => ((i * 7) % 50) - 25,
    (i) => (i % 9 === 8 ? -60 : 10),
    (i) => (i === 20 ? 300 : i % 2),
  ];
  for (const first of starts) {
    for (const scale of [1, 40, 300, 70_000, 2 ** 24, 2 ** 31]) {
      for (const step of steps) {
        let value = first;
        const cells = Array.from({ length: 27 }, (_, i) => {
          const next = value + step(i) * scale;
          return Math.abs(next) < 2 ** 53 ? (value = next) : value;
        });
        same(cells);
        same(cells.slice(0, 2));
        same([...cells, -0]);
        same([...cells, '_']);
      }
    }
  }
});

test('random columns come back', () => {
  const seed = Number(process.env.MARIO_SEED ?? Date.now() % 100_000);
  let state = seed;
  const random = () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state / 2147483648;
  };
  const kinds: (() => number)[] = [
    () => Math.floor(random() * 10),
    () => Math.floor(random() * 1e6) / 100,
    () => random(),
    () => random() * 1e300,
    () => Math.floor(random() * 2 ** 53),
    () => (random() < 0.1 ? Number.NaN : Math.floor(random() * 5)),
    counter(random, 200),
    counter(random, 60_000),
    counter(random, 2 ** 33),
  ];
  for (let round = 0; round < 300; round++) {
    const kind = kinds[round % kinds.length]!;
    const cells = Array.from({ length: 1 + Math.floor(random() * 300) }, (): number | 's' | '_' =>
      random() < 0.05 ? '_' : random() < 0.02 ? 's' : kind(),
    );
    assert.doesNotThrow(() => same(cells), `seed ${seed}, round ${round}`);
    const fromRow = Math.floor(random() * cells.length);
    const toRow = fromRow + Math.floor(random() * (cells.length - fromRow + 1));
    const wanted = cells.slice(fromRow, toRow);
    const got = partOf(cells, fromRow, toRow);
    assert.ok(
      got.length === wanted.length && got.every((cell, i) => Object.is(cell, wanted[i])),
      `seed ${seed}, round ${round}, rows ${fromRow} to ${toRow}`,
    );
  }
});

/** A counter that begins anew now and then. */
function counter(random: () => number, step: number): () => number {
  let total = 0;
  return () => (total = random() < 0.02 ? 0 : total + Math.floor(random() * step));
}
