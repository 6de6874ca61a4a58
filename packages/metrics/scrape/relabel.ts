/** Applies relabelling rules to a label set, with the real server's semantics for every action. */
import { createHash } from 'node:crypto';
import type { RE2JS } from 're2js';
import type { RelabelConfig } from '../config/relabel-config.ts';

/** A label set while it is being changed; an empty value is an absent label. */
export class LabelBuilder {
  readonly #map: Map<string, string>;

  constructor(labels: Iterable<readonly [string, string]> = []) {
    this.#map = new Map(labels);
  }

  get(name: string): string {
    return this.#map.get(name) ?? '';
  }

  set(name: string, value: string): void {
    if (value === '') this.#map.delete(name);
    else this.#map.set(name, value);
  }

  delete(name: string): void {
    this.#map.delete(name);
  }

  /** A snapshot: changes made while walking it are not seen. */
  entries(): [string, string][] {
    return [...this.#map];
  }
}

/** True when the label set is kept; `builder` then holds the relabelled set. */
export function relabel(builder: LabelBuilder, rules: readonly RelabelConfig[]): boolean {
  for (const rule of rules) if (!applyRule(builder, rule)) return false;
  return true;
}

function applyRule(builder: LabelBuilder, rule: RelabelConfig): boolean {
  const value = rule.sourceLabels.map((name) => builder.get(name)).join(rule.separator);
  switch (rule.action) {
    case 'keep':
      return match(rule, value) !== undefined;
    case 'drop':
      return match(rule, value) === undefined;
    case 'keepequal':
      return builder.get(rule.targetLabel) === value;
    case 'dropequal':
      return builder.get(rule.targetLabel) !== value;
    case 'replace':
      replace(builder, rule, value);
      return true;
    case 'lowercase':
      builder.set(rule.targetLabel, value.toLowerCase());
      return true;
    case 'uppercase':
      builder.set(rule.targetLabel, value.toUpperCase());
      return true;
    case 'hashmod':
      builder.set(rule.targetLabel, hashModulus(value, rule.modulus));
      return true;
    case 'labelmap':
      for (const [name, labelValue] of builder.entries()) {
        const found = match(rule, name);
        if (found !== undefined) builder.set(expand(rule.replacement, found), labelValue);
      }
      return true;
    case 'labeldrop':
      for (const [name] of builder.entries()) if (match(rule, name) !== undefined) builder.delete(name);
      return true;
    case 'labelkeep':
      for (const [name] of builder.entries()) if (match(rule, name) === undefined) builder.delete(name);
      return true;
  }
}

function replace(builder: LabelBuilder, rule: RelabelConfig, value: string): void {
  const found = match(rule, value);
  if (found === undefined) return;
  const target = expand(rule.targetLabel, found);
  if (target === '') return;
  builder.set(target, expand(rule.replacement, found));
}

/** The value of a group by number or name; '' for groups that took no part. */
export type Groups = (name: string) => string;

function match(rule: RelabelConfig, value: string): Groups | undefined {
  if (rule.regex === undefined) return (name) => (name === '0' || name === '1' ? value : '');
  return groupsOf(rule.regex, value);
}

function groupsOf(regex: RE2JS, value: string): Groups | undefined {
  const matcher = regex.matcher(value);
  return matcher.matches() ? groupsOfMatch(matcher) : undefined;
}

/** The groups of the match that `matcher` stands at. */
export function groupsOfMatch(matcher: ReturnType<RE2JS['matcher']>): Groups {
  return (name) => {
    if (/^\d+$/.test(name)) return Number(name) <= matcher.groupCount() ? (matcher.group(Number(name)) ?? '') : '';
    return Object.hasOwn(matcher.pattern().namedGroups(), name) ? (matcher.group(name) ?? '') : '';
  };
}

/** Go's Regexp.Expand: `$1`, `${1}`, `$name`; the longest possible name; `$$` is a dollar sign. */
export function expand(template: string, groups: Groups): string {
  if (!template.includes('$')) return template;
  return template.replace(/\$(?:(\$)|\{(\w+)\}|(\w+))/g, (_, dollar, braced, bare) =>
    dollar === '$' ? '$' : groups(braced ?? bare),
  );
}

/** The last eight bytes of the MD5 sum as a big-endian number, modulo `modulus`. */
function hashModulus(value: string, modulus: bigint): string {
  const sum = createHash('md5').update(value).digest();
  return modulus === 0n ? '0' : String(sum.readBigUInt64BE(8) % modulus);
}
