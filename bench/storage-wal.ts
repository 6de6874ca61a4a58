/** Benchmark of the write-ahead log: rows a second in durable batches of 1,000 rows, one sender and eight at once. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDiskDirectory } from '../packages/storage/disk-directory.ts';
import { openWriteAheadLog } from '../packages/storage/write-ahead-log-file.ts';

const ROWS_PER_BATCH = 1000;
const ROW_BYTES = 24;

async function measure(senders: number, batches: number): Promise<void> {
  const path = await mkdtemp(join(tmpdir(), 'mario-bench-'));
  const wal = await openWriteAheadLog({ directory: await openDiskDirectory(path) });
  await wal.replay(() => undefined);
  const payload = new Uint8Array(ROWS_PER_BATCH * ROW_BYTES).map((_, index) => index * 31);
  const startedMs = performance.now();
  await Promise.all(
    Array.from({ length: senders }, async () => {
      for (let count = 0; count < batches / senders; count++) await wal.append(1, payload);
    }),
  );
  const seconds = (performance.now() - startedMs) / 1000;
  const { syncCount } = wal.stats;
  await wal.close();
  await rm(path, { recursive: true });
  const rowsPerSecond = Math.round((batches * ROWS_PER_BATCH) / seconds);
  console.log(
    `${senders} senders: ${rowsPerSecond.toLocaleString('en')} rows/s, ${syncCount} syncs for ${batches} batches`,
  );
}

for (const senders of [1, 8, 1, 8]) await measure(senders, 4000);
