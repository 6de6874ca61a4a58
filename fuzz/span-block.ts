/** Fuzz target: the decoder of span blocks. Damaged bytes are refused as StorageError, and never crash or hang. */

import { isStorageError } from '../packages/storage/index.ts';
import { decodeSpanBlock, encodeSpanBlock } from '../packages/traces/store/span-codec.ts';
import { sampleTrace } from '../packages/traces/testing/sample.ts';
import { mutate, timeBox } from './time-box.ts';

const sound = [sampleTrace(1), sampleTrace(10)].map(encodeSpanBlock);

await timeBox('span-block', (random) => {
  const bytes = mutate(random, sound[Math.floor(random() * sound.length)]!);
  try {
    decodeSpanBlock(bytes);
  } catch (error) {
    if (!isStorageError(error)) throw error;
  }
});
