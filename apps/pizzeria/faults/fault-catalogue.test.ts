// The catalogue, the pages in docs/faults, the alert rules and the dashboards tell the same of each fault.

import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { FAULT_NAMES, FAULTS, type FaultDefinition } from './fault-catalogue.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');

const RULES = globSync('deploy/prometheus/rules/*.yml', { cwd: root }).map(read).join('\n');
const DASHBOARDS = globSync('deploy/grafana/dashboards/*.json', { cwd: root }).map(
  (path) => JSON.parse(read(path)) as { uid: string; panels: { title?: string; panels?: { title?: string }[] }[] },
);

test('each fault has an alert, consequences and a panel that are there', () => {
  for (const [name, { alert, consequences, dashboard, panel }] of Object.entries<FaultDefinition>(FAULTS)) {
    for (const each of [alert, ...consequences]) assert.ok(RULES.includes(`alert: ${each}\n`), `${name}: ${each}`);
    const uid = dashboard.split('/')[2];
    const panels = DASHBOARDS.find((each) => each.uid === uid)?.panels ?? [];
    const titles = panels.flatMap((each) => [each.title, ...(each.panels ?? []).map(({ title }) => title)]);
    assert.ok(titles.includes(panel), `${name}: ${dashboard} has no panel ${panel}`);
  }
});

test('each fault has a page that names its switch, its alert, its panel and its query', () => {
  const index = read('docs/faults/README.md');
  for (const name of FAULT_NAMES) {
    const { title, alert, panel, query, default: usual, unit }: FaultDefinition = FAULTS[name];
    const page = read(`docs/faults/${name}.md`);
    assert.ok(page.startsWith(`# ${title}\n`), `${name}: title`);
    for (const text of [
      `/api/faults/${name}`,
      `\`${alert}\``,
      `*${panel}*`,
      query.text,
      `mario query ${query.language}`,
    ]) {
      assert.ok(page.includes(text), `docs/faults/${name}.md does not say ${text}`);
    }
    if (unit !== '') assert.ok(page.includes(`${usual} ${unit}`), `docs/faults/${name}.md: the usual strength`);
    assert.ok(index.includes(`(${name}.md)`), `docs/faults/README.md does not name ${name}`);
  }
});
