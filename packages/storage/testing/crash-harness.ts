/** Kills a child process at random moments and tells what it had acknowledged: the proof that acknowledged is durable. */

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface CrashRun {
  /** Lines that the child printed before it died: what it acknowledged, in its own words. */
  readonly acknowledged: readonly string[];
  /** Milliseconds after the child's first line at which it was killed. */
  readonly killedAfterMs: number;
}

export interface CrashHarnessOptions {
  /** The script to run: it opens the store in `args`, prints one line per acknowledgement (`acknowledge`), and never ends. */
  readonly script: string;
  readonly args: readonly string[];
  /** The child is killed at a random moment in this time after its first line. Default 150. */
  readonly livesMsMax?: number;
  /** 0 ≤ random() < 1; use `seededRandom` and print the seed. */
  readonly random: () => number;
}

/** A child that prints nothing for this long is stuck, and the test should say so instead of hanging. */
const FIRST_LINE_TIMEOUT_MS = 30_000;

/**
 * Starts the child, waits for its first acknowledgement, kills it with SIGKILL at a random moment, and resolves when it
 * is gone, so that its lock is stale and its files are free. Rejects when the child ends by itself.
 */
export function runUntilKilled(options: CrashHarnessOptions): Promise<CrashRun> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [options.script, ...options.args], { stdio: ['ignore', 'pipe', 'pipe'] });
    const acknowledged: string[] = [];
    const killedAfterMs = options.random() * (options.livesMsMax ?? 150);
    let stderr = '';
    let timer = setTimeout(() => child.kill('SIGKILL'), FIRST_LINE_TIMEOUT_MS);
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    createInterface({ input: child.stdout }).on('line', (line) => {
      // A line that the kill cut has no end mark, and counts for nothing.
      if (!line.endsWith(END_MARK)) return;
      if (acknowledged.push(line.slice(0, -END_MARK.length)) > 1) return;
      clearTimeout(timer);
      timer = setTimeout(() => child.kill('SIGKILL'), killedAfterMs);
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (signal === 'SIGKILL' && acknowledged.length > 0) resolve({ acknowledged, killedAfterMs });
      else reject(new Error(`The child ended by itself (code ${code}, signal ${signal}): ${stderr}`));
    });
  });
}

const END_MARK = ' .';

/** For the child: prints one acknowledgement, whole, before it returns (a pipe is written synchronously on Linux). */
export function acknowledge(text: string): void {
  process.stdout.write(`${text}${END_MARK}\n`);
}

/** mulberry32: small, seedable, good enough to choose moments and sizes. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** The seed from `MARIO_SEED`, else a new one; the test prints it so that a failure can be repeated. */
export function testSeed(): number {
  const given = Number(process.env.MARIO_SEED);
  return Number.isInteger(given) && given > 0 ? given : Math.floor(Math.random() * 0x7fffffff) + 1;
}
