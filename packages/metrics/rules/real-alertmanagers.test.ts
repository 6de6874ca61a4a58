import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { NetworkMap, silentLog, systemClock } from '@mario/service';
import { openMemoryDirectory } from '@mario/storage';
import { withTemporaryFolder } from '@mario/storage/testing';
import { missing, startAlertmanager, until } from '../notify/testing/alertmanager-process.ts';
import { openMetricsService } from '../service/open-metrics-service.ts';

const QUIET = 'route: {receiver: n, group_wait: 1h}\nreceivers: [{name: n}]\n';

interface ApiAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly generatorURL: string;
}

/** The condition ends by itself: another expression would be another rule. */
const HOLDS_S = 4;

const rules = (expr: string) => `
groups:
- name: g
  interval: 500ms
  rules:
  - {alert: Hot, expr: '${expr}', labels: {secret: s, severity: page}, annotations: {summary: 'at {{ $value }}'}}
`;

test('several real Alertmanagers, found by file, are told of alerts and of their end, relabelled for each', {
  skip: missing,
  timeout: 60_000,
}, async () => {
  await withTemporaryFolder(async (folder) => {
    const real: Awaited<ReturnType<typeof startAlertmanager>>[] = [];
    for (const name of ['one', 'two']) {
      await mkdir(join(folder, name));
      real.push(await startAlertmanager(join(folder, name), QUIET));
    }
    const address = (i: number) => real[i]!.url.replace('http://', '');
    await writeFile(join(folder, 'found.json'), JSON.stringify([{ targets: [address(0)] }]));
    await writeFile(
      join(folder, 'rules.yml'),
      rules(`vector(7) and on () vector(time()) < ${Math.ceil(Date.now() / 1000) + HOLDS_S}`),
    );
    const ours = await openMetricsService({
      config: {
        yaml: `
global: {external_labels: {cluster: c}}
rule_files: ['${folder}/rules.yml']
alerting:
  alert_relabel_configs: [{action: labeldrop, regex: secret}]
  alertmanagers:
  - file_sd_configs: [{files: ['${folder}/found.json']}]
  - static_configs: [{targets: ['${address(1)}']}]
    alert_relabel_configs: [{target_label: told, replacement: second}]
`,
      },
      directory: openMemoryDirectory(),
      clock: systemClock,
      log: silentLog,
      network: new NetworkMap(),
      host: '127.0.0.1',
      port: 0,
      portOffset: 0,
    });
    try {
      const alerts = async (i: number) =>
        (await (await fetch(`${real[i]!.url}/api/v2/alerts`)).json()) as readonly ApiAlert[];
      const counts = async () => Promise.all([0, 1].map(async (i) => (await alerts(i)).length));
      await until(async () => String(await counts()) === '1,1');
      const labels = { alertname: 'Hot', cluster: 'c', severity: 'page' };
      const [[first], [second]] = (await Promise.all([alerts(0), alerts(1)])) as [ApiAlert[], ApiAlert[]];
      assert.deepEqual(first!.labels, labels);
      assert.deepEqual(second!.labels, { ...labels, told: 'second' });
      assert.deepEqual(first!.annotations, { summary: 'at 7' });
      assert.match(
        first!.generatorURL,
        /\/graph\?g0\.expr=vector%287%29\+and\+on\+%28%29\+vector%28time%28%29%29\+%3C\+\d+&g0\.tab=1$/,
      );
      await until(async () => String(await counts()) === '0,0');
    } finally {
      await ours.close();
      await Promise.all(real.map((each) => each.stop()));
    }
  });
});
