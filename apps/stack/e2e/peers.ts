/** Real servers and tools from Debian's packages, where they are installed. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { eventually } from '@mario/testkit';

const run = promisify(execFile);

export const PROMETHEUS = '/usr/bin/prometheus';
export const PROMTOOL = '/usr/bin/promtool';

/** The reason to skip, or false when the real Prometheus is here. */
export const prometheusMissing =
  existsSync(PROMETHEUS) && existsSync(PROMTOOL) ? false : "Debian's package prometheus is not installed";

export interface RealPrometheus {
  readonly address: string;
  output(): string;
  stop(): Promise<void>;
}

/** Starts the real server on a port of its own with this configuration (YAML text). */
export async function startRealPrometheus(
  folder: string,
  port: number,
  configuration: string,
): Promise<RealPrometheus> {
  const file = join(folder, 'real-prometheus.yml');
  writeFileSync(file, configuration);
  const address = `http://127.0.0.1:${port}`;
  const child = spawn(
    PROMETHEUS,
    [
      ...[`--config.file=${file}`, `--storage.tsdb.path=${join(folder, 'real-prometheus')}`],
      ...[`--web.listen-address=127.0.0.1:${port}`, '--enable-feature=exemplar-storage'],
      '--web.enable-remote-write-receiver',
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
  try {
    await eventually('the real Prometheus is ready', async () =>
      (await fetch(`${address}/-/ready`)).ok ? true : undefined,
    );
  } catch (error) {
    child.kill('SIGKILL');
    throw new Error(`the real Prometheus did not start:\n${output}`, { cause: error });
  }
  return { address, output: () => output, stop: () => stopped(child) };
}

/** Runs promtool and gives what it printed; throws with its output when it fails. */
export async function promtool(args: readonly string[], input?: string): Promise<string> {
  const running = run(PROMTOOL, [...args]);
  if (input !== undefined) running.child.stdin!.end(input);
  const { stdout, stderr } = await running;
  return stdout + stderr;
}

function stopped(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });
}
