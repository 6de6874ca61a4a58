// info: adds the data labels of info metrics to the series of the same instance and job.
import { type Labels, METRIC_NAME } from '../../model/labels.ts';
import { compileMatcher, type LabelMatcher } from '../../model/matcher.ts';
import { QueryError } from '../engine/query-error.ts';
import { selectInstant } from '../engine/select-instant.ts';
import { ABSENT, HISTOGRAM, SeriesBuilder, type StepSeries, sampleAt, type VectorValue } from '../engine/value.ts';
import { children, type Expr, NO_SHIFT, type TimeShift, type VectorSelector } from '../parse/ast.ts';
import type { FunctionCall, InstantFunction } from './function-call.ts';

const IDENTIFYING: readonly string[] = ['instance', 'job'];
const IDENTIFYING_SET: ReadonlySet<string> = new Set([...IDENTIFYING, METRIC_NAME]);

/** An info series with the times of the samples that stand for its steps. */
interface InfoSeries {
  readonly series: StepSeries;
  readonly sampleSeconds: Float64Array;
}

async function info(call: FunctionCall): Promise<VectorValue> {
  const { evaluator, steps } = call;
  const [baseExpr, selectorExpr] = call.call.args;
  const selector = selectorExpr as VectorSelector | undefined;
  const { nameMatchers, dataMatchers } = splitMatchers(selector?.matchers ?? []);
  const base = await evaluator.vector(baseExpr!, steps);
  const isInfoName = allOf(nameMatchers);
  const identified = identifyingMatchers(base.series.filter(({ labels }) => !isInfoName(labels.metricName)));
  const infos =
    identified.length === 0
      ? new Map<string, InfoSeries[]>()
      : await selectInfo(call, [...nameMatchers, ...dataMatchers, ...identified], firstShift(baseExpr!), selector);
  const dataNames = dataMatchers.length > 0 ? new Set(dataMatchers.map((matcher) => matcher.name)) : null;
  const mustMatch = dataMatchers.some((matcher) => !compileMatcher(matcher)(''));
  const out = new Map<string, { labels: Labels; builder: SeriesBuilder }>();
  for (const one of base.series) {
    const own = isInfoName(one.labels.metricName) ? null : (infos.get(one.labels.keyOf(IDENTIFYING)) ?? []);
    for (let step = 0; step < steps.count; step++) {
      const sample = sampleAt(one, step);
      if (sample === undefined) continue;
      const current = own === null ? [] : currentInfos(own, step);
      if (own !== null && mustMatch && current.length === 0) continue;
      const labels = enrich(one.labels, current, dataNames);
      let target = out.get(labels.key);
      if (target === undefined) {
        target = { labels, builder: new SeriesBuilder(steps.count) };
        out.set(labels.key, target);
      }
      if (target.builder.presence[step] !== ABSENT) {
        throw new QueryError('execution', 'vector cannot contain metrics with the same labelset');
      }
      target.builder.set(step, sample);
    }
  }
  evaluator.releaseAll(base);
  return evaluator.hold([...out.values()].map(({ labels, builder }) => builder.build(labels, false)));
}

function splitMatchers(matchers: readonly LabelMatcher[]): {
  nameMatchers: LabelMatcher[];
  dataMatchers: LabelMatcher[];
} {
  const nameMatchers = matchers.filter((matcher) => matcher.name === METRIC_NAME);
  const dataMatchers = matchers.filter((matcher) => matcher.name !== METRIC_NAME);
  if (nameMatchers.length === 0) nameMatchers.push({ name: METRIC_NAME, op: '=', value: 'target_info' });
  else if (nameMatchers.every(({ op }) => op === '!=' || op === '!~')) {
    // Only exclusions: what remains are the metrics that are named as info metrics are.
    nameMatchers.push({ name: METRIC_NAME, op: '=~', value: '.+_info' });
  }
  return { nameMatchers, dataMatchers };
}

/** Only info series of instances and jobs that the base series have are looked for: none when they have neither. */
function identifyingMatchers(base: readonly StepSeries[]): LabelMatcher[] {
  const matchers: LabelMatcher[] = [];
  for (const name of IDENTIFYING) {
    const values = new Set(base.map(({ labels }) => labels.get(name)));
    values.delete('');
    if (values.size === 0) continue;
    const value = [...values].map((one) => one.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&')).join('|');
    matchers.push({ name, op: '=~', value });
  }
  return matchers;
}

function allOf(matchers: readonly LabelMatcher[]): (value: string) => boolean {
  const predicates = matchers.map(compileMatcher);
  return (value) => predicates.every((matches) => matches(value));
}

/** Info series are looked up at the times at which the base series are. */
function firstShift(expr: Expr): TimeShift {
  if (expr.type === 'vector') return expr;
  for (const child of children(expr)) {
    const shift = firstShift(child);
    if (shift !== NO_SHIFT) return shift;
  }
  return NO_SHIFT;
}

async function selectInfo(
  { evaluator, call, steps }: FunctionCall,
  matchers: readonly LabelMatcher[],
  shift: TimeShift,
  selector: VectorSelector | undefined,
): Promise<Map<string, InfoSeries[]>> {
  const { offsetMs, offsetExpression, atMs, atEdge } = shift;
  const node: VectorSelector = {
    type: 'vector',
    name: '',
    matchers,
    modifier: null,
    offsetMs,
    offsetExpression,
    atMs,
    atEdge,
    span: (selector ?? call).span,
  };
  const values = await selectInstant(evaluator, node, steps, 'value');
  const times = await selectInstant(evaluator, node, steps, 'timestamp');
  evaluator.releaseAll(values, times);
  const secondsByKey = new Map(times.series.map((one) => [one.labels.key, one.values]));
  const infos = new Map<string, InfoSeries[]>();
  for (const series of values.series) {
    if (series.presence.includes(HISTOGRAM)) {
      throw new QueryError('execution', 'info sample should be float');
    }
    const key = series.labels.keyOf(IDENTIFYING);
    const list = infos.get(key) ?? [];
    list.push({ series, sampleSeconds: secondsByKey.get(series.labels.key)! });
    infos.set(key, list);
  }
  return infos;
}

/** Of each info metric the series with the latest sample at a step. */
function currentInfos(infos: readonly InfoSeries[], step: number): InfoSeries[] {
  const latest = new Map<string, InfoSeries>();
  for (const one of infos) {
    if (one.series.presence[step] === ABSENT) continue;
    const name = one.series.labels.metricName;
    const other = latest.get(name);
    if (other !== undefined && other.sampleSeconds[step] === one.sampleSeconds[step]) {
      const at = one.sampleSeconds[step]! * 1000;
      const both = `existing ${other.series.labels} @ ${at}, new ${one.series.labels} @ ${at}`;
      throw new QueryError('execution', `found duplicate series for info metric: ${both}`);
    }
    if (other === undefined || other.sampleSeconds[step]! < one.sampleSeconds[step]!) latest.set(name, one);
  }
  return [...latest.values()];
}

function enrich(base: Labels, infos: readonly InfoSeries[], dataNames: ReadonlySet<string> | null): Labels {
  let labels = base;
  const added = new Map<string, string>();
  for (const { series } of infos) {
    for (const [name, value] of series.labels) {
      if (IDENTIFYING_SET.has(name) || (dataNames !== null && !dataNames.has(name)) || base.has(name)) continue;
      const other = added.get(name);
      if (other !== undefined && other !== value) throw new QueryError('execution', `conflicting label: ${name}`);
      added.set(name, value);
      labels = labels.with(name, value);
    }
  }
  return labels;
}

export const INFO_FUNCTIONS: readonly (readonly [string, InstantFunction])[] = [['info', info]];
