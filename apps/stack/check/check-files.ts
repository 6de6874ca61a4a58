/** Finds out what each file is, and has it checked by the engine that reads it. */
import { readFileSync } from 'node:fs';
import { type ConfigIssue, ConfigIssues, readYamlText } from '@mario/service';

export type FileKind = 'collector' | 'prometheus' | 'alertmanager' | 'loki' | 'tempo' | 'dashboard';

export interface CheckedFiles {
  /** One file, or all Collector files together. */
  readonly files: readonly string[];
  readonly kind: FileKind | 'unknown';
  readonly issues: readonly ConfigIssue[];
  /** Valid for the real tool, and a reason for the embedded engine not to start. */
  readonly unsupported: readonly ConfigIssue[];
}

/** Keys that only one kind of file has at its top; the first kind with one of them is it. */
const SIGNATURES: readonly (readonly [FileKind, readonly string[]])[] = [
  // Before the Collector's, which has receivers too.
  ['alertmanager', ['route', 'inhibit_rules', 'mute_time_intervals', 'time_intervals', 'templates']],
  ['collector', ['receivers', 'exporters', 'processors', 'extensions', 'connectors', 'service']],
  // serverFiles: the values of Prometheus' Helm chart.
  [
    'prometheus',
    ['scrape_configs', 'rule_files', 'scrape_config_files', 'remote_write', 'alerting', 'groups', 'serverFiles'],
  ],
  ['loki', ['schema_config', 'limits_config', 'ingester', 'query_range', 'frontend']],
  ['tempo', ['distributor', 'metrics_generator', 'overrides', 'storage', 'compactor']],
  ['prometheus', ['global']],
];

export async function checkFiles(files: readonly string[]): Promise<readonly CheckedFiles[]> {
  const kinds = files.map((file) => [file, kindOf(file)] as const);
  const collectorFiles = kinds.flatMap(([file, kind]) => (kind === 'collector' ? [file] : []));
  const checked: CheckedFiles[] = [];
  if (collectorFiles.length > 0) checked.push(await checkAs('collector', collectorFiles));
  for (const [file, kind] of kinds) {
    if (kind === 'collector') continue;
    checked.push(typeof kind === 'string' ? await checkAs(kind, [file]) : unknownFile(file, kind));
  }
  return checked;
}

export async function checkAs(kind: FileKind, files: readonly string[]): Promise<CheckedFiles> {
  const file = files[0]!;
  switch (kind) {
    case 'collector':
      return { files, kind, ...withSeverity((await import('@mario/collector')).checkCollectorConfig(files)) };
    case 'prometheus':
      return { files, kind, ...withSeverity((await import('@mario/metrics')).checkPrometheusConfig(file)) };
    case 'alertmanager': {
      const { issues, unsupported } = (await import('@mario/metrics')).loadAlertmanagerConfig(file);
      return { files, kind, ...withSeverity({ issues: issues.all, unsupported: unsupported.all }) };
    }
    case 'tempo':
      return { files, kind, issues: (await import('@mario/traces')).checkTempoConfig(file).all, unsupported: [] };
    case 'loki': {
      const issues = new ConfigIssues();
      (await import('@mario/logs')).parseLokiConfig(readFileSync(file, 'utf8'), file, issues);
      return { files, kind, issues: issues.all, unsupported: [] };
    }
    case 'dashboard':
      return { files, kind, issues: (await import('@mario/dashboards')).checkDashboard(file), unsupported: [] };
  }
}

/** The kind of a file by its content, or what keeps it from being told. */
function kindOf(file: string): FileKind | ConfigIssues {
  const issues = new ConfigIssues();
  if (file.endsWith('.json')) return 'dashboard';
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    issues.error({ file, line: 1, column: 1, key: '' }, `cannot be read: ${(error as Error).message}`);
    return issues;
  }
  const root = readYamlText(text, file, { issues });
  if (root === undefined) return issues;
  const keys = new Set(root.kind === 'mapping' ? root.entries().map(([key]) => key) : []);
  const found = SIGNATURES.find(([, signature]) => signature.some((key) => keys.has(key)));
  if (found !== undefined) return found[0];
  root.error(
    'is no Collector, Prometheus, Alertmanager, Loki or Tempo configuration: none of their keys stands at its top',
  );
  return issues;
}

function unknownFile(file: string, issues: ConfigIssues): CheckedFiles {
  return { files: [file], kind: 'unknown', issues: issues.all, unsupported: [] };
}

function withSeverity(check: {
  readonly issues: readonly ConfigIssue[];
  readonly unsupported: readonly Omit<ConfigIssue, 'severity'>[];
}): Pick<CheckedFiles, 'issues' | 'unsupported'> {
  return {
    issues: check.issues,
    unsupported: check.unsupported.map((place) => ({ ...place, severity: 'warning' })),
  };
}
