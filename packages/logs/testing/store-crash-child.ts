/** The child of the crash test: pushes numbered lines as fast as it can, flushing now and then, and tells each acknowledgement. */
import { openDiskDirectory } from '@mario/storage';
import { acknowledge } from '@mario/storage/testing';
import { openTestStore } from './open-store.ts';

const [folder = '', round = '0'] = process.argv.slice(2);
const store = await openTestStore({ directory: await openDiskDirectory(folder), headBytesMax: 20_000 });
const pushers = [0, 1, 2, 3];
await Promise.all(
  pushers.map(async (pusher) => {
    for (let i = 0; ; i++) {
      const id = `${round}-${pusher}-${i}`;
      const entries = [0, 1].map((part) => ({
        timeNs: BigInt(i * 10 + part),
        line: `${id}/${part} ${'.'.repeat(50)}`,
        metadata: [],
      }));
      await store.push([{ labels: [['pusher', `${round}-${pusher}`]], entries }]);
      acknowledge(id);
    }
  }),
);
