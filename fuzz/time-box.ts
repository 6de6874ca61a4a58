/** Runs a fuzz target again and again for a time, with a printed seed: `node fuzz/TARGET.ts [SECONDS]`. */

import { seededRandom, testSeed } from '../packages/storage/testing/crash-harness.ts';

const SECONDS_DEFAULT = 10;

/** `once` gets a source of randomness; whatever it throws is a finding, told with the seed that repeats it. */
export async function timeBox(name: string, once: (random: () => number) => void | Promise<void>): Promise<void> {
  const seed = testSeed();
  const random = seededRandom(seed);
  const untilMs = Date.now() + 1000 * (Number(process.argv[2]) || SECONDS_DEFAULT);
  let runs = 0;
  try {
    for (; Date.now() < untilMs; runs++) await once(random);
  } catch (error) {
    console.error(`${name}: finding after ${runs} runs; MARIO_SEED=${seed} repeats it`);
    throw error;
  }
  console.log(`${name}: ${runs} runs without a finding (seed ${seed})`);
}

/** One of the items. */
export function pick<T>(random: () => number, items: readonly T[]): T {
  return items[Math.floor(random() * items.length)]!;
}

/** A copy with some bytes changed, cut, doubled or put in. */
export function mutate(random: () => number, bytes: Uint8Array): Uint8Array {
  // Not `slice`, which of a Buffer is no copy.
  let out: Uint8Array = Uint8Array.from(bytes);
  for (let count = 1 + Math.floor(random() * 4); count > 0; count--) {
    const at = Math.floor(random() * (out.length + 1));
    const choice = random();
    if (choice < 0.6 && at < out.length) out[at] = Math.floor(random() * 256);
    else if (choice < 0.75) out = out.slice(0, at);
    else if (choice < 0.9)
      out = Uint8Array.from([...out.subarray(0, at), Math.floor(random() * 256), ...out.subarray(at)]);
    else out = Uint8Array.from([...out, ...out.subarray(at)]);
  }
  return out;
}
