/** Runs `mario` commands as processes of their own, the way a user does, on ports of their own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePortOffset as findOffset } from '@mario/testkit';

const root = join(import.meta.dirname, '..', '..', '..');
const script = join(root, 'apps', 'stack', 'mario.ts');

/** Bundling is not what these tests are about; sources on two busy cores may take this long to start. */
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 30_000;

/** Every port that a whole instance opens, without offset. */
const PORTS = [8080, 8085, 4317, 4318, 8888, 8889, 13133, 9090, 3200, 3100, 3001];

export interface MarioProcess {
  readonly pid: number;
  readonly addresses: Readonly<Record<string, string>>;
  /** What it wrote to standard output and error so far. */
  output(): string;
  /** Asks it to stop and gives the exit code. */
  stop(): Promise<number | null>;
  /** Ends it at once, as pulling the plug does. */
  kill(): Promise<void>;
}

/** Starts `mario COMMAND …` and waits until it says that it is ready. */
export function startMario(
  command: 'stack' | 'pizzeria' | 'payments' | 'traffic',
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<MarioProcess> {
  const child = spawn(process.execPath, [script, command, ...args], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...process.env, ...env },
  });
  let output = '';
  for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (chunk) => (output += String(chunk)));
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`mario ${command} was not ready within ${START_TIMEOUT_MS} ms:\n${output}`));
    }, START_TIMEOUT_MS);
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`mario ${command} ended with code ${code} before it was ready:\n${output}`));
    });
    child.once('message', (message: { addresses: Record<string, string> }) => {
      clearTimeout(timer);
      resolve(running(child, message.addresses, () => output, ended));
    });
  });
}

function running(
  child: ChildProcess,
  addresses: Readonly<Record<string, string>>,
  output: () => string,
  ended: Promise<number | null>,
): MarioProcess {
  return {
    pid: child.pid!,
    addresses,
    output,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
      const code = await ended;
      clearTimeout(timer);
      return code;
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** An offset at which every port of an instance is free just now. */
export function freePortOffset(): Promise<number> {
  return findOffset(PORTS);
}

/** A temporary folder that is removed when the test file ends. */
export function temporaryFolder(t: { after(run: () => void): void }): string {
  const folder = mkdtempSync(join(tmpdir(), 'mario-e2e-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A copy of deploy/ in which scrapes and evaluations happen every second, because a test cannot wait for 15 s. */
export function fastConfiguration(folder: string): string {
  const config = join(folder, 'deploy');
  cpSync(join(root, 'deploy'), config, { recursive: true });
  const file = join(config, 'prometheus', 'prometheus.yml');
  const text = readFileSync(file, 'utf8').replace(/(scrape|evaluation)_interval: 15s/g, '$1_interval: 1s');
  writeFileSync(file, text.replace('scrape_timeout: 10s', 'scrape_timeout: 1s'));
  return config;
}
