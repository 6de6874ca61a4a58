/** Runs the LogQL conformance suite: loads by the real intake, asks by the real query entry. */
import { OwnMetrics, silentLog, systemClock } from '@mario/service';
import { openMemoryDirectory } from '@mario/storage';
import { QueryEngine, type QueryResult } from '../api/query-engine.ts';
import { Distributor } from '../intake/distributor.ts';
import { parsePushJson } from '../intake/push-json.ts';
import { streamLabelsOf } from '../intake/stream-labels.ts';
import type { Series } from '../logql/evaluation/matrix.ts';
import { defaultQueryLimits } from '../logql/evaluation/query-context.ts';
import { parseMatchers } from '../logql/parser.ts';
import { defaultStoreLimits } from '../store/limits.ts';
import { LogStore } from '../store/log-store.ts';
import { differenceFrom, type Outcome, printOutcome } from './expectation.ts';
import { readScenarios, type Scenario, type ScenarioEntry, type ScenarioEvaluation } from './scenario.ts';

export interface ConformanceReport {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly failures: readonly { readonly case: string; readonly expected: string; readonly actual: string }[];
}

/** Time 0 of the scenarios. */
const ORIGIN_NS = BigInt(Date.UTC(2026, 0, 1)) * 1_000_000n;

/** The scenarios lie in the past and expect exactly the labels that were loaded. */
const limits = {
  ...defaultStoreLimits,
  ageMsMax: 0,
  aheadMsMax: 0,
  lateMsMax: 0,
  serviceNameLabels: [],
  detectsLevels: false,
};

const atNs = (ms: number): bigint => ORIGIN_NS + BigInt(Math.round(ms * 1e6));

/** Runs a file or a folder of scenarios. Throws when the path or a scenario cannot be read. */
export async function runLogqlConformance(path: string): Promise<ConformanceReport> {
  const failures: { case: string; expected: string; actual: string }[] = [];
  let passed = 0;
  for (const scenario of readScenarios(path)) {
    const { engine, close } = await load(scenario);
    for (const evaluation of scenario.evals) {
      const outcome = await evaluate(engine, evaluation);
      const difference = differenceFrom(evaluation.expect, outcome);
      if (difference === undefined) passed++;
      else {
        failures.push({
          case: `${scenario.name} ${evaluation.kind} ${evaluation.query}`,
          expected: evaluation.expect.join('\n'),
          actual: `${difference}\n${printOutcome(outcome)}`,
        });
      }
    }
    await close();
  }
  return { passed, failed: failures.length, skipped: 0, failures };
}

async function load(scenario: Scenario): Promise<{ engine: QueryEngine; close: () => Promise<void> }> {
  const store = await LogStore.open({
    directory: openMemoryDirectory(),
    clock: systemClock,
    log: silentLog,
    limits,
    retention: { ageMsMax: 0, sizeBytesMax: 0 },
    headBytesMax: 64 * 1024 * 1024,
    headAgeMsMax: 3_600_000,
  });
  const distributor = new Distributor(store, limits, new OwnMetrics());
  const request = { streams: scenario.load.map(pushOf) };
  const outcome = await distributor.push(parsePushJson(JSON.stringify(request)));
  if (outcome.refusals.length > 0) throw new Error(`${scenario.name}: ${outcome.refusals[0]!.message}`);
  return { engine: new QueryEngine(store, defaultQueryLimits), close: () => store.close() };
}

function pushOf(entry: ScenarioEntry): object {
  const labels = parseMatchers(entry.stream).map(({ name, value }) => [name, value] as const);
  const count = entry.repeat_every_ms === undefined ? 1 : (entry.repeat_count ?? 1);
  const values = Array.from({ length: count }, (_, i) => {
    const time = String(atNs(entry.at_ms + i * (entry.repeat_every_ms ?? 0)));
    const line = entry.line.replaceAll('{{.i}}', String(i));
    return entry.structured_metadata === undefined ? [time, line] : [time, line, entry.structured_metadata];
  });
  return { stream: Object.fromEntries(streamLabelsOf(Object.fromEntries(labels))), values };
}

async function evaluate(engine: QueryEngine, evaluation: ScenarioEvaluation): Promise<Outcome> {
  try {
    const { query } = evaluation;
    const result =
      evaluation.kind === 'instant'
        ? await engine.instant({ query, timeNs: atNs(evaluation.at_ms) })
        : await engine.range({
            query,
            startNs: atNs(evaluation.start_ms),
            endNs: atNs(evaluation.end_ms),
            stepNs: evaluation.step_ms * 1e6,
            direction: 'backward',
            limit: 100,
            intervalNs: 0n,
          });
    return outcomeOf(result);
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

function outcomeOf({ data }: QueryResult): Outcome {
  if (data.kind === 'scalar') return { scalar: data.value };
  if (data.kind === 'streams') throw new Error('a log query gives no series');
  return {
    series: data.series.map(({ labels, values, present }: Series) => ({
      labels,
      points: Array.from(values, (value, at) => (present[at] === 1 ? value : undefined)),
    })),
  };
}
