/** Real servers and tools from Debian's packages, where they are installed. */
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { missingPrograms, type RealServer, startRealServer } from '@mario/service/testing';

const run = promisify(execFile);

export const PROMETHEUS = '/usr/bin/prometheus';
export const PROMTOOL = '/usr/bin/promtool';

/** The reason to skip, or false when the real Prometheus is here. */
export const prometheusMissing = missingPrograms('prometheus', PROMETHEUS, PROMTOOL);

/** Starts the real server on a port of its own with this configuration (YAML text). */
export async function startRealPrometheus(folder: string, port: number, configuration: string): Promise<RealServer> {
  const file = join(folder, 'real-prometheus.yml');
  writeFileSync(file, configuration);
  const args = [
    ...[`--config.file=${file}`, `--storage.tsdb.path=${join(folder, 'real-prometheus')}`],
    ...[`--web.listen-address=127.0.0.1:${port}`, '--enable-feature=exemplar-storage'],
    '--web.enable-remote-write-receiver',
  ];
  return startRealServer(PROMETHEUS, args, `http://127.0.0.1:${port}`, '/-/ready');
}

/** Runs promtool and gives what it printed; throws with its output when it fails. */
export async function promtool(args: readonly string[], input?: string): Promise<string> {
  const running = run(PROMTOOL, [...args]);
  if (input !== undefined) running.child.stdin!.end(input);
  const { stdout, stderr } = await running;
  return stdout + stderr;
}
