/** The child of the write-ahead log's crash test: appends batches for ever, says what was acknowledged. */

import { openDiskDirectory } from '../disk-directory.ts';
import { openWriteAheadLog } from '../write-ahead-log-file.ts';
import { acknowledge } from './crash-harness.ts';

const path = process.argv[2];
if (path === undefined) throw new Error('usage: wal-crash-child.ts FOLDER');
const directory = await openDiskDirectory(path);
await directory.lock();
const wal = await openWriteAheadLog({ directory, fileSizeBytesMax: 64 * 1024 });
await wal.replay(() => undefined);

/** Four appenders at once, so that groups are shared and cut at any place. */
async function appendForEver(appender: number): Promise<void> {
  for (let count = 0; ; count++) {
    const text = `${process.pid}/${appender}/${count}/${'x'.repeat((count * 37) % 900)}`;
    const sequence = await wal.append(appender, new TextEncoder().encode(text));
    acknowledge(`${sequence} ${text}`);
  }
}

await Promise.all([0, 1, 2, 3].map(appendForEver));
