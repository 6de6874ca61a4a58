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

const [, , folder, firstText] = process.argv;
const store = await MetricsStore.open({
  directory: await openDiskDirectory(folder!),
  clock: systemClock,
  log: createLog({ clock: systemClock, level: 'error' }),
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
    ],
  });
  if (result.appended !== SERIES) throw new Error(`row ${row}: ${JSON.stringify(result)}`);
  acknowledge(String(row));
  if (row % FLUSH_ROWS === FLUSH_ROWS - 1) void store.flush();
}

async function work(): Promise<never> {
  for (;;) {
    const rows = Array.from({ length: IN_FLIGHT }, () => next++);
    await Promise.all(rows.map(appendRow));
  }
}

await work();
