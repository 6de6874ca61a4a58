/** All rule groups; a reload keeps what the unchanged ones know. */
import { ConfigIssues } from '@mario/service';
import type { RuleGroupState } from '../api/sources.ts';
import { expandFiles } from '../config/file-pattern.ts';
import type { PrometheusConfig } from '../config/prometheus-config.ts';
import { Labels } from '../model/labels.ts';
import { type RuleGroupConfig, readRuleFile } from './rule-file.ts';
import { RuleGroup, type RuleGroupContext } from './rule-group.ts';

export type RuleManagerContext = Omit<RuleGroupContext, 'intervalMs' | 'queryOffsetMs' | 'externalLabels'>;

export class RuleManager {
  readonly #context: RuleManagerContext;
  #groups: RuleGroup[] = [];

  constructor(context: RuleManagerContext) {
    this.#context = context;
  }

  get states(): readonly RuleGroupState[] {
    return this.#groups.map((group) => group.state);
  }

  /** The groups of all rule files. Throws MARIO_SERVICE_BAD_CONFIGURATION with every place that is wrong. */
  read(config: PrometheusConfig): readonly RuleGroupConfig[] {
    const issues = new ConfigIssues();
    const { features } = this.#context.engine;
    const groups = expandFiles(config.ruleFiles).flatMap((file) => readRuleFile(file, features, issues));
    issues.throwIfErrors();
    return groups;
  }

  /** Replaces the groups in force. */
  async apply(configs: readonly RuleGroupConfig[], config: PrometheusConfig): Promise<void> {
    const { evaluationIntervalMs, ruleQueryOffsetMs, externalLabels } = config.global;
    const before = new Map(this.#groups.map((group) => [group.key, group]));
    const ended = [...this.#groups];
    await Promise.all(ended.map((group) => group.stop(false)));
    this.#groups = configs.map((each) => {
      const group = new RuleGroup(each, {
        ...this.#context,
        intervalMs: evaluationIntervalMs,
        queryOffsetMs: ruleQueryOffsetMs,
        externalLabels: Labels.from(externalLabels),
      });
      const known = before.get(group.key);
      if (known !== undefined) group.adopt(known);
      return group;
    });
    // What no rule adopted is recorded by nobody any more.
    await Promise.all(ended.map((group) => group.stop(true)));
    for (const group of this.#groups) group.start();
  }

  /** Ends evaluation; series stay fresh, the server may come back. */
  async close(): Promise<void> {
    const groups = this.#groups;
    this.#groups = [];
    await Promise.all(groups.map((group) => group.stop(false)));
  }
}
