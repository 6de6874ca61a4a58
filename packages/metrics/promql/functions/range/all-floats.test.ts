// What a function computes for all windows of a series at once is what it computes window by window.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Annotations } from '../../engine/annotations.ts';
import { type FloatColumn, NO_HISTOGRAMS, withoutStale } from '../../engine/columns.ts';
import { FLOAT, SeriesBuilder, type Steps } from '../../engine/value.ts';
import { WindowBounds } from '../../engine/windows.ts';
import { RANGE_FUNCTIONS } from './index.ts';
import type { RangeCall, Window } from './window.ts';

const STEPS: Steps = { startMs: 100_000, stepMs: 30_000, count: 60 };
const RANGE_MS = 90_000;

function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

type Shape = 'counter' | 'near zero' | 'resets' | 'gauge' | 'special' | 'sparse';
const SHAPES: readonly Shape[] = ['counter', 'near zero', 'resets', 'gauge', 'special', 'sparse'];

/** Half of the columns begin after the first window or end before the last. */
function columnOf(shape: Shape, random: () => number, marked: boolean): FloatColumn {
  const times: number[] = [];
  const every = shape === 'sparse' ? 70_000 : 15_000;
  for (let t = 0; t < 2_100_000; t += every) {
    if (random() < 0.02) t += 200_000;
    times.push(Math.round(t + random() * 40));
  }
  let value = shape === 'counter' ? 1e8 : 0;
  const values = Float64Array.from(times, () => {
    if (shape === 'gauge') return random() * 100 - 50;
    if (shape === 'special' && random() < 0.1)
      return [Number.NaN, Infinity, -Infinity, -0, -5][Math.floor(random() * 5)]!;
    value = shape !== 'counter' && random() < 0.1 ? Math.floor(random() * 3) : value + random() * 10;
    return value;
  });
  const stale = marked ? Int32Array.from(times.keys()).filter(() => random() < 0.05) : null;
  for (const at of stale ?? []) values[at] = random() < 0.5 ? Number.NaN : -1e6;
  const from = random() < 0.5 ? 0 : Math.floor(random() * 40);
  const to = random() < 0.5 ? times.length : times.length - Math.floor(random() * 40);
  return { times: Float64Array.from(times), values, startTimes: null, from, to: Math.max(from, to), stale };
}

function windowByWindow(
  name: string,
  column: FloatColumn,
  bounds: WindowBounds,
  call: RangeCall,
): (number | undefined)[] {
  const { lo, hi } = bounds.of(column.times);
  return Array.from({ length: STEPS.count }, (_, step) => {
    const first = Math.max(lo[step]!, column.from);
    const floats = withoutStale(column, first, Math.max(first, Math.min(hi[step]!, column.to)));
    if (floats.to === floats.from) return undefined;
    const endMs = bounds.endsMs[step]!;
    const window: Window = {
      floats,
      floatLo: floats.from,
      floatHi: floats.to,
      histograms: NO_HISTOGRAMS,
      histogramLo: 0,
      histogramHi: 0,
      startMs: endMs - RANGE_MS,
      endMs,
      step,
      evaluationMs: endMs,
    };
    return RANGE_FUNCTIONS.get(name)!.evaluate(window, call) as number | undefined;
  });
}

for (const [name, func] of RANGE_FUNCTIONS) {
  if (func.allFloats === undefined) continue;
  test(`${name} over all windows is ${name} of each window`, () => {
    const random = randomFrom(7);
    const call: RangeCall = {
      func: name,
      metricName: 'm_total',
      rangeSeconds: RANGE_MS / 1000,
      modifier: null,
      scalars: [new Float64Array(STEPS.count).fill(0.7), new Float64Array(STEPS.count).fill(0.3)],
      annotations: new Annotations(),
      span: { start: 0, end: 0 },
      useStartTimestamps: false,
    };
    const bounds = new WindowBounds(STEPS, RANGE_MS, 0, null);
    for (const shape of [...SHAPES, ...SHAPES, ...SHAPES, ...SHAPES]) {
      for (const marked of [false, true]) {
        const column = columnOf(shape, random, marked);
        const clean = column.stale === null ? null : bounds.clean(column.times, column.stale);
        const expected = windowByWindow(name, column, bounds, call);
        // The second series with the same windows may meet what was kept of the first.
        for (const series of ['first', 'second']) {
          const out = new SeriesBuilder(STEPS.count);
          func.allFloats!(column, clean ?? bounds.of(column.times), bounds, call, out);
          let points = 0;
          for (let step = 0; step < STEPS.count; step++) {
            const actual = out.presence[step] === FLOAT ? out.values[step] : undefined;
            if (actual !== undefined) points++;
            // Windows with a marker between samples are left to the general way.
            if (clean?.touched.includes(step)) assert.equal(actual, undefined, `${shape}, ${series}, step ${step}`);
            else assertSame(actual, expected[step], `${shape}, ${series}, step ${step}`);
          }
          assert.equal(out.points, points);
        }
      }
    }
  });
}

test('a counter that begins again is seen by the windows before a last one that a staleness marker empties', () => {
  const times = Float64Array.from({ length: 20 }, (_, i) => i * 15_000);
  const values = Float64Array.from(times, (_, i) => (i < 14 ? 1000 + i : i));
  const steps: Steps = { startMs: 200_000, stepMs: 15_000, count: 6 };
  const bounds = new WindowBounds(steps, RANGE_MS, 0, null);
  const stale = Int32Array.of(17);
  const column: FloatColumn = { times, values, startTimes: null, from: 0, to: 20, stale };
  const clean = bounds.clean(times, stale);
  assert.ok(clean.touched.includes(5));
  const call: RangeCall = {
    func: 'increase',
    metricName: 'm_total',
    rangeSeconds: RANGE_MS / 1000,
    modifier: null,
    scalars: [],
    annotations: new Annotations(),
    span: { start: 0, end: 0 },
    useStartTimestamps: false,
  };
  for (const series of ['first', 'second']) {
    const out = new SeriesBuilder(steps.count);
    RANGE_FUNCTIONS.get('increase')!.allFloats!(column, clean, bounds, call, out);
    for (let step = 0; step < steps.count; step++) {
      if (out.presence[step] === FLOAT) assert.ok(out.values[step]! > 0, `${series}, step ${step}`);
    }
  }
});

/** To the last bit, except for what the order of additions may change. */
function assertSame(actual: number | undefined, expected: number | undefined, where: string): void {
  if (Object.is(actual, expected) || actual === expected) return;
  const difference = Math.abs(actual! - expected!) / (Math.abs(actual!) + Math.abs(expected!));
  assert.ok(difference < 1e-14, `${where}: ${actual}, expected ${expected}`);
}
