import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Chunk, nextSourceId, type OpenSnapshot, type Source } from './chunk.ts';
import type { SelectSnapshot } from './select-snapshot.ts';
import { buildTimeline } from './timeline.ts';

function chunk(times: readonly number[]): Chunk {
  const bytes = new Uint8Array(0);
  return {
    kind: 'chunk',
    id: nextSourceId(),
    rows: times.length,
    timestamps: Float64Array.from(times),
    bytes,
    view: new DataView(bytes.buffer),
    offsets: new Uint32Array(1),
    histograms: null,
  };
}

/** Room for more rows than there are. */
function open(times: readonly number[], id = nextSourceId()): OpenSnapshot {
  const timestamps = new Float64Array(16);
  timestamps.set(times);
  const none = { values: new Float64Array(0), states: new Uint8Array(0), histograms: null };
  return { kind: 'open', id, rows: times.length, stride: 1, timestamps, ...none };
}

function timelineOf(sources: readonly Source[], startMs = 0, endMs = 1e6) {
  const snapshot: SelectSnapshot = {
    startMs,
    endMs,
    seriesCount: 1,
    sources,
    timelineStarts: Int32Array.of(0, sources.length),
    timelineSources: Int32Array.from(sources.keys()),
    timelinePlaces: new Int32Array(sources.length),
    timelineOf: Int32Array.of(0),
    columnStarts: Int32Array.of(0),
    columns: Int32Array.of(0),
    late: null,
    notes: null,
  };
  return buildTimeline(snapshot, 0);
}

test('rows of chunks and open rows follow one another, those at the edges only as far as they are wanted', () => {
  const sources = [chunk([10, 20, 30]), chunk([40, 50]), open([60, 70, 80])];
  const whole = timelineOf(sources);
  assert.deepEqual([...whole.timestamps], [10, 20, 30, 40, 50, 60, 70, 80]);
  assert.deepEqual([...whole.starts], [0, 3, 5]);
  // One row before the start is read too.
  const part = timelineOf(sources, 30, 69);
  assert.deepEqual([...part.timestamps], [20, 30, 40, 50, 60]);
  assert.deepEqual([...part.starts], [0, 2, 4]);
  assert.deepEqual([...part.fromRows], [1, 0, 0]);
  assert.deepEqual([...part.toRows], [3, 2, 1]);
  assert.ok(part.ascending);
});

test('what a query has stays as it is while rows are added, and while open rows become a chunk', () => {
  const first = chunk([10, 20]);
  const before = timelineOf([first, open([30, 40])]).timestamps;
  const sealed = chunk([30, 40, 50]);
  const after = timelineOf([first, sealed, open([60])]).timestamps;
  assert.deepEqual([...after], [10, 20, 30, 40, 50, 60]);
  // A query that began earlier still asks for the rows as they were open.
  assert.deepEqual([...timelineOf([first, open([30, 40])]).timestamps], [10, 20, 30, 40]);
  const many = Array.from({ length: 300 }, (_, i) => 70 + i);
  assert.equal(timelineOf([first, sealed, chunk(many)]).timestamps.length, 305);
  assert.deepEqual([...before], [10, 20, 30, 40]);
  assert.deepEqual([...after], [10, 20, 30, 40, 50, 60]);
});

test('a query that begins earlier or later than one before it, or goes another way, has its own rows', () => {
  const [a, b, c] = [chunk([10, 20]), chunk([30, 40]), chunk([50, 60])] as const;
  assert.deepEqual([...timelineOf([b, c]).timestamps], [30, 40, 50, 60]);
  assert.deepEqual([...timelineOf([a, b, c]).timestamps], [10, 20, 30, 40, 50, 60]);
  assert.deepEqual([...timelineOf([b, c]).timestamps], [30, 40, 50, 60]);
  const other = chunk([45, 47]);
  assert.deepEqual([...timelineOf([a, b, other]).timestamps], [10, 20, 30, 40, 45, 47]);
  assert.deepEqual([...timelineOf([a, open([25]), b]).timestamps], [10, 20, 25, 30, 40]);
  assert.deepEqual([...timelineOf([a, b, open([41])]).timestamps], [10, 20, 30, 40, 41]);
});

test('sources that overlap in time do not ascend', () => {
  const [a, b] = [chunk([10, 30]), chunk([20, 40])];
  assert.equal(timelineOf([a, b]).ascending, false);
  assert.deepEqual([...timelineOf([a, b], 25, 35).timestamps], [10, 30, 20]);
  assert.equal(timelineOf([a, open([30, 50])]).ascending, false);
  assert.ok(timelineOf([b, open([50])]).ascending);
});
