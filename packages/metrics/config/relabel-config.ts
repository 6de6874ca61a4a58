/** `relabel_configs` and their kin: read and checked as the real server does (relabel.Config). */
import type { ConfigNode } from '@mario/service';
import type { RE2JS } from 're2js';
import { compileRe2 } from '../model/regex.ts';

export const RELABEL_ACTIONS = [
  'replace',
  'keep',
  'drop',
  'keepequal',
  'dropequal',
  'hashmod',
  'labelmap',
  'labeldrop',
  'labelkeep',
  'lowercase',
  'uppercase',
] as const;

export type RelabelAction = (typeof RELABEL_ACTIONS)[number];

export interface RelabelConfig {
  readonly action: RelabelAction;
  readonly sourceLabels: readonly string[];
  readonly separator: string;
  /** Fully anchored; undefined for the default `(.*)`, which matches everything. */
  readonly regex: RE2JS | undefined;
  /** As written, for status pages. */
  readonly regexText: string;
  readonly modulus: bigint;
  readonly targetLabel: string;
  readonly replacement: string;
}

const KEYS = {
  source_labels: 'used',
  separator: 'used',
  regex: 'used',
  modulus: 'used',
  target_label: 'used',
  replacement: 'used',
  action: 'used',
} as const;

export const REGEX_DEFAULT = '(.*)';

const NEED_TARGET: readonly RelabelAction[] = [
  'replace',
  'hashmod',
  'lowercase',
  'uppercase',
  'keepequal',
  'dropequal',
];

export function readRelabelConfigs(node: ConfigNode | undefined): readonly RelabelConfig[] {
  return (node?.list() ?? []).flatMap((item) => {
    const config = readRelabelConfig(item);
    return config === undefined ? [] : [config];
  });
}

function readRelabelConfig(node: ConfigNode): RelabelConfig | undefined {
  if (node.isNull) {
    node.error('empty or null relabeling rule');
    return undefined;
  }
  const fields = node.fields(KEYS);
  const action = (fields.action?.string() ?? 'replace').toLowerCase() as RelabelAction;
  if (!RELABEL_ACTIONS.includes(action)) {
    (fields.action ?? node).error(`unknown relabel action "${action}"`);
    return undefined;
  }
  const modulus = fields.modulus?.number() ?? 0;
  const targetLabel = fields.target_label?.string() ?? '';
  if (action === 'hashmod' && modulus === 0) node.error('relabel configuration for hashmod requires non-zero modulus');
  if (NEED_TARGET.includes(action) && targetLabel === '') {
    node.error(`relabel configuration for ${action} action requires 'target_label' value`);
  }
  checkOnlyFields(node, action);
  const regexText = fields.regex === undefined ? REGEX_DEFAULT : (fields.regex.string() ?? '');
  return {
    action,
    sourceLabels: fields.source_labels?.strings() ?? [],
    separator: fields.separator?.string() ?? ';',
    regex: regexText === REGEX_DEFAULT ? undefined : compile(regexText, fields.regex ?? node),
    regexText,
    modulus: BigInt(Math.max(0, Math.trunc(modulus))),
    targetLabel,
    replacement: fields.replacement === undefined ? '$1' : (fields.replacement.string() ?? ''),
  };
}

function checkOnlyFields(node: ConfigNode, action: RelabelAction): void {
  const present = (names: readonly string[]) => names.some((name) => node.get(name) !== undefined);
  if (
    (action === 'labeldrop' || action === 'labelkeep') &&
    present(['source_labels', 'target_label', 'modulus', 'separator', 'replacement'])
  ) {
    node.error(`${action} action requires only 'regex', and no other fields`);
  }
  if ((action === 'keepequal' || action === 'dropequal') && present(['regex', 'modulus', 'separator', 'replacement'])) {
    node.error(`${action} action requires only 'source_labels' and 'target_label', and no other fields`);
  }
}

function compile(text: string, node: ConfigNode): RE2JS | undefined {
  try {
    return compileRe2(text);
  } catch (error) {
    node.error((error as Error).message);
    return undefined;
  }
}
