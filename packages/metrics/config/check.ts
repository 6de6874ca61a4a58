/** Judges a prometheus.yml (also inside the values of its Helm chart) or a rule file, as promtool does, and says what of it the embedded engine cannot do. */
import { readFileSync } from 'node:fs';
import { type ConfigIssue, ConfigIssues, type ConfigNode, readYamlText } from '@mario/service';
import { ALL_FEATURES } from '../promql/index.ts';
import { readRuleFile } from '../rules/rule-file.ts';
import { expandFiles } from './file-pattern.ts';
import { configOfHelmValues } from './helm-values.ts';
import { loadPrometheusConfig, parsePrometheusConfig } from './prometheus-config.ts';

export interface PrometheusCheck {
  /** Errors are what the real server refuses too; warnings are what it takes and the embedded engine does not use. */
  readonly issues: readonly ConfigIssue[];
  /** Valid for the real server, refused by the embedded one when it starts. */
  readonly unsupported: readonly ConfigIssue[];
  /** Groups of rules that were found, in the file or in those that it names. */
  readonly ruleGroupCount: number;
}

/** A file with `groups` at its top holds rules. The rule files that a configuration names are checked with it. */
export function checkPrometheusConfig(path: string): PrometheusCheck {
  const issues = new ConfigIssues();
  const top = topOf(path);
  if (top?.get('groups') !== undefined) {
    const groups = readRuleFile(path, ALL_FEATURES, issues);
    return { issues: issues.all, unsupported: [], ruleGroupCount: groups.length };
  }
  // Of Helm values the file that they become is judged; its paths are those of a container, so they are not followed.
  const helm = top === undefined ? undefined : configOfHelmValues(top);
  if (helm !== undefined) {
    const { issues: found, unsupported } = parsePrometheusConfig(helm, path);
    return { issues: found.all, unsupported: unsupported.all, ruleGroupCount: 0 };
  }
  const { config, issues: found, unsupported } = loadPrometheusConfig(path);
  const place = { file: path, line: 1, column: 1, key: 'rule_files' };
  for (const pattern of config?.ruleFiles ?? []) {
    const missing = !/[*?[]/.test(pattern) && expandFiles([pattern]).length === 0;
    if (missing) issues.warn(place, `"${pattern}" does not point to an existing file`);
  }
  const groups = expandFiles(config?.ruleFiles ?? []).flatMap((file) => readRuleFile(file, ALL_FEATURES, issues));
  return { issues: [...found.all, ...issues.all], unsupported: unsupported.all, ruleGroupCount: groups.length };
}

/** The mapping at the top of the file; whatever cannot be read is left to the configuration's reader. */
function topOf(path: string): ConfigNode | undefined {
  try {
    const node = readYamlText(readFileSync(path, 'utf8'), path, { issues: new ConfigIssues() });
    return node?.kind === 'mapping' ? node : undefined;
  } catch {
    return undefined;
  }
}
