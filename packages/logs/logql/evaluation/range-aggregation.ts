/** Evaluates `rate({…} [5m])` and its siblings: reads the lines once, then every step's window from sorted columns. */
import type { Grouping, LogRange, Matcher, Metric } from '../ast.ts';
import { type Label, noLabels, printLabels, sortLabels } from '../labels.ts';
import { ERROR_LABEL } from '../pipeline/labels-builder.ts';
import { needlesOf } from '../pipeline/pipeline.ts';
import { QueryError } from '../query-error.ts';
import { lowerBound } from './log-source.ts';
import { emptySeries, hasPoints, type Matrix, type Series, type Steps } from './matrix.ts';
import type { QueryContext } from './query-context.ts';
import { rangeFunction } from './range-functions.ts';
import { SampleExtractor } from './sample-extractor.ts';
import { SampleSeries } from './samples.ts';

type RangeAggregation = Extract<Metric, { kind: 'rangeAggregation' }>;

/** `outer`: the grouping of a sum around this aggregation, which then needs no other labels. */
export async function evaluateRangeAggregation(
  context: QueryContext,
  node: RangeAggregation,
  steps: Steps,
  outer: Grouping | undefined,
): Promise<Matrix> {
  const extractor = new SampleExtractor(node.operator, node.range, node.grouping ?? outer);
  const series = await readSamples(context, node.range, extractor, steps);
  if (node.operator === 'absent_over_time') return absence(series, node.range, steps);
  const compute = rangeFunction(node.operator, node.parameter, node.range.unwrap !== undefined);
  const matrix: Series[] = [];
  for (const samples of series) {
    const result = emptySeries(samples.labels, steps.count);
    eachWindow(samples, node.range, steps, (step, from, to, startNs, endNs) => {
      result.values[step] = compute({ times: samples.times, values: samples.values, from, to, startNs, endNs });
      result.present[step] = 1;
    });
    if (hasPoints(result)) matrix.push(result);
    await context.breathe();
  }
  return matrix;
}

async function readSamples(
  context: QueryContext,
  range: LogRange,
  extractor: SampleExtractor,
  steps: Steps,
): Promise<readonly SampleSeries[]> {
  const offset = BigInt(range.offsetNs);
  // Open on the left: one nanosecond after the first window begins.
  const startNs = steps.startNs - offset - BigInt(range.rangeNs) + 1n;
  const endNs = steps.startNs - offset + BigInt(steps.stepNs) * BigInt(steps.count - 1);
  const needles = needlesOf(range.selector);
  const byKey = new Map<string, SampleSeries>();
  const blocks = await context.source.select({ matchers: range.selector.matchers, startNs, endNs });
  for (const block of blocks) {
    const entries = await block.read(needles);
    if (entries === undefined) {
      context.statistics.blocksSkipped++;
      continue;
    }
    context.statistics.blocksRead++;
    context.statistics.bytesProcessed += block.sizeBytes;
    const end = lowerBound(entries.timesNs, entries.count, endNs + 1n);
    for (let i = lowerBound(entries.timesNs, entries.count, startNs); i < end; i++) {
      if (context.tick()) await context.breathe();
      const timeNs = entries.timesNs[i]!;
      const line = extractor.needsLine ? entries.line(i) : '';
      if (!extractor.accepts(line)) continue;
      const metadata = extractor.needsMetadata ? entries.metadata(i) : noLabels;
      if (!extractor.extract(block.stream, timeNs, line, metadata)) continue;
      const key = extractor.key();
      let series = byKey.get(key);
      if (series === undefined) {
        series = new SampleSeries(extractor.labels());
        byKey.set(key, series);
        context.checkHeldSeries(byKey.size);
      }
      const time = Number(timeNs - steps.startNs);
      if (series.failed && inWindow(time, range, steps)) throw pipelineError(series);
      context.holdSample();
      series.push(time, extractor.value);
    }
  }
  const all = [...byKey.values()];
  for (const series of all) series.sort();
  return all;
}

/** Whether any step looks at that time. */
function inWindow(time: number, range: LogRange, steps: Steps): boolean {
  const first = steps.stepNs === 0 ? 0 : Math.max(0, Math.ceil((time + range.offsetNs) / steps.stepNs));
  const endNs = first * steps.stepNs - range.offsetNs;
  return first < steps.count && time <= endNs && time > endNs - range.rangeNs;
}

type WindowVisitor = (step: number, from: number, to: number, startNs: number, endNs: number) => void;

/** Visits the windows that hold samples, in order; both ends only move forward. */
function eachWindow(samples: SampleSeries, range: LogRange, steps: Steps, visit: WindowVisitor): void {
  const { times, count } = samples;
  let from = 0;
  let to = 0;
  for (let step = 0; step < steps.count; step++) {
    const endNs = step * steps.stepNs - range.offsetNs;
    const startNs = endNs - range.rangeNs;
    while (to < count && times[to]! <= endNs) to++;
    while (from < to && times[from]! <= startNs) from++;
    if (from < to) visit(step, from, to, startNs, endNs);
  }
}

/** 1 at every step without a line, with the labels that the selector demands by equality and only once. */
function absence(series: readonly SampleSeries[], range: LogRange, steps: Steps): Matrix {
  const result = emptySeries(demandedLabels(range.selector.matchers), steps.count);
  result.values.fill(1);
  result.present.fill(1);
  for (const samples of series) {
    eachWindow(samples, range, steps, (step) => {
      result.present[step] = 0;
    });
  }
  return hasPoints(result) ? [result] : [];
}

function demandedLabels(matchers: readonly Matcher[]): Series['labels'] {
  const labels: Label[] = [];
  for (const { name, operator, value } of matchers) {
    const once = matchers.filter((other) => other.name === name).length === 1;
    if (operator === '=' && once) labels.push([name, value]);
  }
  return sortLabels(labels);
}

function pipelineError(series: SampleSeries): QueryError {
  const error = series.labels.find(([name]) => name === ERROR_LABEL)?.[1] ?? '';
  return new QueryError(
    `pipeline error: '${error}' for series: '${printLabels(series.labels)}'.\n` +
      `Use a label filter to intentionally skip this error. (e.g | __error__!="${error}").\n` +
      'To skip all potential errors you can match empty errors.(e.g __error__="")\n' +
      'The label filter can also be specified after unwrap. (e.g | unwrap latency | __error__="" )\n',
  );
}
