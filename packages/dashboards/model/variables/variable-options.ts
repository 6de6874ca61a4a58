/** From the values that a data source gave to the options of a variable: filtered, rewritten, unique, sorted. */
import { ALL_VALUE, type Variable, type VariableOption, type VariableValue } from '../dashboard.ts';

/** A drop-down beyond this helps nobody and costs the page its memory. */
export const OPTIONS_MAX = 10_000;

/** `values` in the data source's order. Throws SyntaxError when the variable's regular expression is malformed. */
export function optionsFromValues(
  variable: Pick<Variable, 'regex' | 'sort'>,
  values: readonly string[],
  regex = variable.regex,
): readonly VariableOption[] {
  const pattern = parsePattern(regex);
  const seen = new Set<string>();
  const options: VariableOption[] = [];
  for (const raw of values) {
    for (const option of pattern === undefined ? [{ text: raw, value: raw }] : applyPattern(pattern, raw)) {
      if (seen.has(option.value)) continue;
      seen.add(option.value);
      options.push(option);
      if (options.length === OPTIONS_MAX) return sortOptions(options, variable.sort);
    }
  }
  return sortOptions(options, variable.sort);
}

/** `/pattern/flags`, or a bare pattern that must match from start to end. */
function parsePattern(regex: string): RegExp | undefined {
  if (regex.trim() === '') return undefined;
  const delimited = /^\/([\s\S]*)\/([a-z]*)$/.exec(regex.trim());
  if (delimited === null) return new RegExp(`^${regex}$`);
  return new RegExp(delimited[1]!, delimited[2]!.replace(/[^gimsuy]/g, ''));
}

/** Groups `text` and `value` name the parts; otherwise the first group is both; otherwise the whole text is. */
function applyPattern(pattern: RegExp, raw: string): readonly VariableOption[] {
  if (!pattern.global) {
    const match = pattern.exec(raw);
    return match === null ? [] : [optionFrom(match, raw)];
  }
  const options: VariableOption[] = [];
  for (const match of raw.matchAll(pattern)) options.push(optionFrom(match, raw));
  return options;
}

function optionFrom(match: RegExpExecArray | RegExpMatchArray, raw: string): VariableOption {
  const { text, value } = match.groups ?? {};
  if (text !== undefined || value !== undefined) return { text: (text ?? value)!, value: (value ?? text)! };
  const first = match[1];
  return first === undefined ? { text: raw, value: raw } : { text: first, value: first };
}

function sortOptions(options: readonly VariableOption[], sort: number): readonly VariableOption[] {
  if (sort <= 0) return options;
  const kind = Math.ceil(sort / 2);
  const sorted = options.toSorted(COMPARISONS[kind - 1] ?? COMPARISONS[0]!);
  return sort % 2 === 0 ? sorted.reverse() : sorted;
}

type Comparison = (a: VariableOption, b: VariableOption) => number;

const natural = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

const COMPARISONS: readonly Comparison[] = [
  (a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0),
  (a, b) => firstNumber(a.text) - firstNumber(b.text),
  (a, b) => compareText(a.text.toLowerCase(), b.text.toLowerCase()),
  (a, b) => natural.compare(a.text, b.text),
];

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function firstNumber(text: string): number {
  const match = /\d+(\.\d+)?/.exec(text);
  return match === null ? -1 : Number(match[0]);
}

/** What is chosen once the options are known: what was chosen if it is still there, else the first. */
export function validValue(
  variable: Variable,
  options: readonly VariableOption[],
  wanted: VariableValue,
): VariableValue {
  const known = new Set(options.map((option) => option.value));
  const wantedList = typeof wanted === 'string' ? [wanted] : wanted;
  if (variable.includeAll && (wantedList.includes(ALL_VALUE) || wantedList.length === 0))
    return variable.multi ? [ALL_VALUE] : ALL_VALUE;
  const valid = wantedList.filter((value) => known.has(value));
  if (valid.length === 0) {
    const first = variable.includeAll ? ALL_VALUE : options[0]?.value;
    if (first === undefined) return variable.multi ? [] : '';
    return variable.multi ? [first] : first;
  }
  return variable.multi ? valid : valid[0]!;
}
