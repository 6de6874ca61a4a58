/** The child of the store's crash test: stores traces for ever, seals often, says what was acknowledged. */

import { silentLog, systemClock } from '@mario/service';
import { openDiskDirectory } from '@mario/storage';
import { acknowledge } from '@mario/storage/testing';
import { openTraceStore } from '../store/trace-store.ts';
import { sampleTrace } from './sample.ts';

const [path, first] = process.argv.slice(2);
if (path === undefined) throw new Error('usage: store-crash-child.ts FOLDER FIRST');
const store = await openTraceStore({
  directory: await openDiskDirectory(path),
  clock: systemClock,
  log: silentLog,
  retention: { ageMsMax: 0, sizeBytesMax: 0 },
  memoryBytesMax: 64 * 1024 * 1024,
  headSpansMax: 50,
});

/** Each trace comes in two parts, so that parts land in different segments. */
async function storeForEver(sender: number): Promise<void> {
  for (let count = 0; ; count++) {
    const number = Number(first) + count * 3 + sender;
    await store.consumeTraces(sampleTrace(number, 'root'));
    await store.consumeTraces(sampleTrace(number, 'rest'));
    acknowledge(String(number));
  }
}

await Promise.all([0, 1, 2].map(storeForEver));
