// label_replace and label_join.
import type { RE2JS } from 're2js';
import { METRIC_NAME } from '../../model/labels.ts';
import { compileRe2 } from '../../model/regex.ts';
import { QueryError } from '../engine/query-error.ts';
import type { StepSeries, VectorValue } from '../engine/value.ts';
import { hasInvalidUtf8 } from '../parse/quoted-string.ts';
import type { FunctionCall, InstantFunction } from './function-call.ts';

function checkName(name: string, what: string, func: string): void {
  if (name !== '' && !hasInvalidUtf8(name)) return;
  throw new QueryError('execution', `invalid ${what} label name in ${func}(): ${name}`);
}

async function labelReplace({ evaluator, call, steps }: FunctionCall): Promise<VectorValue> {
  const [target, replacement, source, expression] = call.args.slice(1).map((arg) => evaluator.string(arg)) as [
    string,
    string,
    string,
    string,
  ];
  let pattern: RE2JS;
  try {
    pattern = compileRe2(expression);
  } catch {
    throw new QueryError('execution', `invalid regular expression in label_replace(): ${expression}`);
  }
  checkName(target, 'destination', 'label_replace');
  const results = new Map<string, string | null>();
  const replace = (value: string): string | null => {
    let result = results.get(value);
    if (result === undefined) {
      const matcher = pattern.matcher(value);
      result = matcher.matches() ? expand(replacement, (name) => groupText(pattern, matcher, name)) : null;
      results.set(value, result);
    }
    return result;
  };
  const input = await evaluator.vector(call.args[0]!, steps);
  const series = input.series.map((one) => {
    const result = replace(one.labels.get(source));
    return result === null ? one : withLabel(one, target, result);
  });
  evaluator.releaseAll(input);
  return evaluator.finish(series);
}

function withLabel(series: StepSeries, name: string, value: string): StepSeries {
  const labels = series.labels.with(name, value);
  return { ...series, labels, dropName: name === METRIC_NAME ? false : series.dropName };
}

type Matcher = ReturnType<RE2JS['matcher']>;

function groupText(pattern: RE2JS, matcher: Matcher, name: string): string {
  if (/^\d+$/.test(name)) {
    const index = Number(name);
    return index <= pattern.groupCount() ? (matcher.group(index) ?? '') : '';
  }
  return name in pattern.namedGroups() ? (matcher.group(name) ?? '') : '';
}

/** Go's template: $1, ${1}, $name, ${name}, $$; the longest run of word characters is the name. */
function expand(template: string, group: (name: string) => string): string {
  return template.replace(
    /\$(?:\$|\{(\w+)\}|(\w+))/g,
    (match, braced: string | undefined, plain: string | undefined) => {
      const name = braced ?? plain;
      return name === undefined ? (match === '$$' ? '$' : match) : group(name);
    },
  );
}

async function labelJoin({ evaluator, call, steps }: FunctionCall): Promise<VectorValue> {
  const [target, separator, ...sources] = call.args.slice(1).map((arg) => evaluator.string(arg)) as [
    string,
    string,
    ...string[],
  ];
  checkName(target, 'destination', 'label_join');
  for (const source of sources) checkName(source, 'source', 'label_join');
  const input = await evaluator.vector(call.args[0]!, steps);
  const series = input.series.map((one) => {
    const joined = sources.map((name) => one.labels.get(name)).join(separator);
    return withLabel(one, target, joined);
  });
  evaluator.releaseAll(input);
  return evaluator.finish(series);
}

export const LABEL_FUNCTIONS: readonly (readonly [string, InstantFunction])[] = [
  ['label_replace', labelReplace],
  ['label_join', labelJoin],
];
