/** Judges a prometheus.yml, as `promtool check config` does, and says what of it the embedded engine cannot do. */
import { type ConfigIssue, ConfigIssues } from '@mario/service';
import { expandFiles } from './file-pattern.ts';
import { loadPrometheusConfig } from './prometheus-config.ts';

export interface PrometheusCheck {
  /** Errors are what the real server refuses too; warnings are what it takes and the embedded engine does not use. */
  readonly issues: readonly ConfigIssue[];
  /** Valid for the real server, refused by the embedded one when it starts. */
  readonly unsupported: readonly ConfigIssue[];
  /** The rule files that it names, for who checks them too. */
  readonly ruleFiles: readonly string[];
}

export function checkPrometheusConfig(path: string): PrometheusCheck {
  const { config, issues, unsupported } = loadPrometheusConfig(path);
  const all = new ConfigIssues();
  const place = { file: path, line: 1, column: 1, key: 'rule_files' };
  for (const pattern of config?.ruleFiles ?? []) {
    if (!/[*?[]/.test(pattern) && expandFiles([pattern]).length === 0)
      all.warn(place, `"${pattern}" does not point to an existing file`);
  }
  return {
    issues: [...issues.all, ...all.all],
    unsupported: unsupported.all,
    ruleFiles: expandFiles(config?.ruleFiles ?? []),
  };
}
