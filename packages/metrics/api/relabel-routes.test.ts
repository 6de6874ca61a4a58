import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createListener, listen } from '@mario/service';
import { parsePrometheusConfig } from '../config/prometheus-config.ts';
import { addRelabelRoutes } from './relabel-routes.ts';
import type { ApiSources } from './sources.ts';

const YAML = `
scrape_configs:
  - job_name: shop
    relabel_configs:
      - {source_labels: [__address__], regex: "(.*):\\\\d+", target_label: host}
      - {source_labels: [host], regex: test, action: drop}
      - {regex: host, action: labeldrop}
`;

test('each rule is shown with what it makes of the labels, and where a target goes', async (t) => {
  const { config } = parsePrometheusConfig(YAML, 'prometheus.yml');
  const app = await createListener();
  t.after(() => app.close());
  const relabelRules = (pool: string) => config!.scrapeConfigs.find(({ jobName }) => jobName === pool)?.relabelConfigs;
  addRelabelRoutes(app, { relabelRules } as Partial<ApiSources> as ApiSources);
  const url = await listen(app, 'test', '127.0.0.1', 0);
  const steps = async (address: string) => {
    const labels = encodeURIComponent(JSON.stringify({ __address__: address, job: 'shop' }));
    const response = await fetch(`${url}/api/v1/targets/relabel_steps?scrapePool=shop&labels=${labels}`);
    return ((await response.json()) as { data: { steps: { rule: unknown; output: unknown; keep: boolean }[] } }).data
      .steps;
  };
  const kept = await steps('main:80');
  assert.deepEqual(
    kept.map(({ output, keep }) => [output, keep]),
    [
      [{ __address__: 'main:80', host: 'main', job: 'shop' }, true],
      [{ __address__: 'main:80', host: 'main', job: 'shop' }, true],
      [{ __address__: 'main:80', job: 'shop' }, true],
    ],
  );
  assert.deepEqual(kept[1]?.rule, {
    sourceLabels: ['host'],
    separator: ';',
    regex: 'test',
    replacement: '$1',
    action: 'drop',
  });
  assert.deepEqual(
    (await steps('test:80')).map(({ output, keep }) => [output, keep]),
    [
      [{ __address__: 'test:80', host: 'test', job: 'shop' }, true],
      [{}, false],
      [{}, false],
    ],
  );
});
