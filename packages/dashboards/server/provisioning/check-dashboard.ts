/** What `mario check FILE` says about one dashboard: what is refused, and what the page cannot show. */
import { readFileSync } from 'node:fs';
import { type ConfigIssue, ConfigIssues } from '@mario/service';
import { loadDashboard } from '../../model/index.ts';
import { isPanelType } from '../../model/panel-types.ts';
import { jsonPosition } from './json-position.ts';

export function checkDashboard(file: string): readonly ConfigIssue[] {
  const issues = new ConfigIssues();
  const place = { file, line: 1, column: 1, key: '' };
  let text = '';
  try {
    text = readFileSync(file, 'utf8');
    const { dashboard, problems } = loadDashboard(JSON.parse(text));
    for (const { where, message } of problems) issues.warn({ ...place, key: where }, message);
    for (const panel of dashboard.rows.flatMap((row) => row.panels)) {
      if (!isPanelType(panel.type))
        issues.warn({ ...place, key: `panel ${panel.id}` }, `type "${panel.type}" is not shown by the embedded page`);
    }
  } catch (error) {
    const message = (error as Error).message;
    issues.error({ ...place, ...jsonPosition(text, message) }, message);
  }
  return issues.all;
}
