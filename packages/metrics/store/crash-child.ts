/** The process that the crash test kills: appends rows to a store and prints what was acknowledged. */
import { createLog, systemClock } from '@mario/service';
import { openDiskDirectory } from '@mario/storage';
import { acknowledge } from '@mario/storage/testing';
import { Labels } from '../model/labels.ts';
import { MetricsStore } from './metrics-store.ts';

/** Rows in flight at once: several share one sync of the log. */
const IN_FLIGHT = 4;
const SERIES = 20;
const STEP_MS = 1_000;
/** The head becomes a block in the middle of it all, so that kills hit that too. */
const FLUSH_ROWS = 150;
/** Now and then a series is deleted: what it had up to this row must not come back. */
const DELETION_ROWS = 10;
const GONE_SERIES = 7;
const SNAPSHOT_ROWS = 200;
/** Blocks are written anew in a thread, which dies with the process. */
const CLEAN_ROWS = 150;

const [, , folder, firstText] = process.argv;
const store = await MetricsStore.open({
  directory: await openDiskDirectory(folder!),
  clock: systemClock,
  log: createLog({ clock: systemClock, level: 'error' }),
  mergeThreadBytesMin: 0,
});
const startMs = Date.UTC(2026, 0, 1);
let next = Number(firstText);

async function appendRow(row: number): Promise<void> {
  // Series come and go, so that definitions are written all the time.
  const names = Array.from({ length: SERIES }, (_, i) => `m${(row >> 4) * 3 + i}`);
  const result = await store.append({
    rows: [
      {
        group: `target ${row % 2}`,
        timestampMs: startMs + row * STEP_MS,
        count: SERIES,
        refs: Int32Array.from(names, (name) => store.ref(Labels.from({ __name__: name, target: String(row % 2) }))),
        values: Float64Array.from(names, (_, i) => row * 100 + i),
        stale: null,
        histograms: null,
      },
      {
        group: 'gone',
        timestampMs: startMs + row * STEP_MS,
        count: 1,
        refs: Int32Array.of(store.ref(Labels.from({ __name__: `gone${row % GONE_SERIES}` }))),
        values: Float64Array.of(row),
        stale: null,
        histograms: null,
      },
    ],
  });
  if (result.appended !== SERIES + 1) throw new Error(`row ${row}: ${JSON.stringify(result)}`);
  acknowledge(String(row));
  if (row % DELETION_ROWS === 0) {
    const name = `gone${row % GONE_SERIES}`;
    await store.deleteSeries([[{ name: '__name__', op: '=', value: name }]], -Infinity, Infinity);
    acknowledge(`deleted ${row}`);
    if (row % SNAPSHOT_ROWS === 0) await store.snapshot(row % 2 === 0);
  }
  if (row % FLUSH_ROWS === FLUSH_ROWS - 1) void store.flush();
  if (row % CLEAN_ROWS === CLEAN_ROWS - 1) void store.cleanTombstones();
}

async function work(): Promise<never> {
  for (;;) {
    const rows = Array.from({ length: IN_FLIGHT }, () => next++);
    await Promise.all(rows.map(appendRow));
  }
}

await work();
