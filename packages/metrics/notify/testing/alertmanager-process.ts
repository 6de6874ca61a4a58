/** Debian's Alertmanager as a process of a test. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort, missingPrograms, type RealServer, startRealServer } from '@mario/service/testing';

const ALERTMANAGER = '/usr/bin/prometheus-alertmanager';
export const AMTOOL = '/usr/bin/amtool';

/** What a test says that is skipped; false when it can run. */
export const missing = missingPrograms('prometheus-alertmanager', ALERTMANAGER, AMTOOL);

/** Answers requests when it resolves. `folder` must be its own. */
export async function startAlertmanager(folder: string, yaml: string): Promise<RealServer> {
  const port = await freePort();
  await writeFile(join(folder, 'alertmanager.yml'), yaml);
  const args = [
    `--config.file=${folder}/alertmanager.yml`,
    `--storage.path=${folder}/data`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--cluster.listen-address=',
  ];
  return startRealServer(ALERTMANAGER, args, `http://127.0.0.1:${port}`, '/-/ready');
}

export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 200; i++) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail('what was waited for did not come');
}
