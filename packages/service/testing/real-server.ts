/** Servers of others, from Debian's packages, as processes of a test. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';

/** A server that has not answered by then says why on its output. */
const READY_TRIES_MAX = 400;
const READY_PERIOD_MS = 50;

/** Of what a process prints, so much is kept. */
const OUTPUT_CHARS_MAX = 100_000;

export interface RealServer {
  /** As it was asked for. */
  readonly url: string;
  /** What it printed so far. */
  output(): string;
  /** Resolves when it is gone. */
  stop(): Promise<void>;
}

/** What a test that needs these programs says when it is skipped; false when all are here. */
export function missingPrograms(debianPackage: string, ...programs: readonly string[]): string | false {
  return programs.every(existsSync) ? false : `skipped: Debian's package ${debianPackage} is not installed`;
}

/** A port of 127.0.0.1 that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise<void>((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

/** Resolves when `GET url + readyPath` is answered with 2xx; rejects with the process' output when that does not come. */
export async function startRealServer(
  program: string,
  args: readonly string[],
  url: string,
  readyPath: string,
): Promise<RealServer> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => (output = (output + String(chunk)).slice(-OUTPUT_CHARS_MAX)));
  }
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const server: RealServer = {
    url,
    output: () => output,
    async stop() {
      child.kill('SIGTERM');
      await gone;
    },
  };
  for (let tries = 0; child.exitCode === null && tries < READY_TRIES_MAX; tries++) {
    const response = await fetch(url + readyPath).catch(() => undefined);
    await response?.arrayBuffer();
    if (response?.ok === true) return server;
    await new Promise((resolve) => setTimeout(resolve, READY_PERIOD_MS));
  }
  child.kill('SIGKILL');
  await gone;
  throw new Error(`${program} did not answer at ${url}${readyPath}:\n${output}`);
}
