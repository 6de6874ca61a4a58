/** Debian's Prometheus as a process of a test. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort, missingPrograms, type RealServer, startRealServer } from '@mario/service/testing';

const PROMETHEUS = '/usr/bin/prometheus';
export const PROMTOOL = '/usr/bin/promtool';

/** What a test says that is skipped; false when it can run. */
export const missing = missingPrograms('prometheus', PROMETHEUS, PROMTOOL);

/** Answers requests when it resolves. `folder` must be its own. */
export async function startPrometheus(folder: string, yaml: string, ...flags: readonly string[]): Promise<RealServer> {
  const port = await freePort();
  await writeFile(join(folder, 'prometheus.yml'), yaml);
  const args = [
    `--config.file=${folder}/prometheus.yml`,
    `--storage.tsdb.path=${folder}/data`,
    `--web.listen-address=127.0.0.1:${port}`,
    ...flags,
  ];
  return startRealServer(PROMETHEUS, args, `http://127.0.0.1:${port}`, '/-/ready');
}
