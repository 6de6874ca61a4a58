// Running a test script: every evaluation in all its forms.
import type { Queryable } from '../../queryable.ts';
import type { Annotation } from '../engine/annotations.ts';
import { createEngine, type Engine, type QueryResult } from '../engine/engine.ts';
import { ALL_FEATURES } from '../parse/parser.ts';
import { type Command, type EvalCommand, type MessageExpectation, parseScript } from './commands.ts';
import { compareData, compareVector, type Difference } from './compare.ts';
import { load, type ScriptStore } from './load.ts';
import { MemoryStore } from './memory-store.ts';
import { hasRangeForm, pinnedVariants } from './variants.ts';

export interface ScriptFailure extends Difference {
  readonly case: string;
}

export interface ScriptOutcome {
  readonly passed: number;
  readonly failures: readonly ScriptFailure[];
}

/** The engine that the scripts are written for. */
export function scriptEngine(): Engine {
  return createEngine({
    features: ALL_FEATURES,
    samplesMax: 10_000,
    timeoutMs: 100_000,
    delayedNameRemoval: true,
    typeAndUnitLabels: false,
    startTimestamps: true,
  });
}

/** Runs a script against a store (in memory unless given) and reports every evaluation. */
export async function runScript(
  name: string,
  source: string,
  engine: Engine = scriptEngine(),
  store: ScriptStore & Queryable = new MemoryStore(),
): Promise<ScriptOutcome> {
  const failures: ScriptFailure[] = [];
  let passed = 0;
  let commands: Command[];
  try {
    commands = parseScript(source);
  } catch (error) {
    return { passed: 0, failures: [{ case: name, expected: 'a readable script', actual: (error as Error).message }] };
  }
  for (const command of commands) {
    if (command.type === 'clear') store.clear();
    else if (command.type === 'load') load(store, command);
    else {
      const difference = await runEval(engine, store, command);
      if (difference === null) passed++;
      else failures.push({ case: `${name}:${command.line}: ${command.text}`, ...difference });
    }
  }
  return { passed, failures };
}

async function runEval(engine: Engine, store: Queryable, command: EvalCommand): Promise<Difference | null> {
  const { expression, startMs, endMs, stepMs } = command;
  if (stepMs > 0) {
    return judge(command, () => engine.range(store, expression, startMs, endMs, stepMs));
  }
  const first = await judge(command, () => engine.instant(store, expression, startMs));
  if (first !== null) return first;
  let expr: ReturnType<Engine['parse']>;
  try {
    expr = engine.parse(expression);
  } catch {
    return null;
  }
  const pinned = pinnedVariants(expr, startMs);
  for (const timeMs of pinned?.timesMs ?? []) {
    const difference = await judge(command, () => engine.instant(store, pinned!.expression, timeMs));
    if (difference !== null) return inForm(difference, `${pinned!.expression} at ${timeMs / 1000}s`);
  }
  if (!hasRangeForm(expr)) return null;
  const asRange = await judge(
    command,
    () => engine.range(store, expression, startMs - 60_000, startMs + 60_000, 60_000),
    (result) => compareMiddle(command, result),
    // The steps around the middle one have annotations of their own.
    false,
  );
  return asRange === null ? null : inForm(asRange, 'as the middle step of a range');
}

function inForm({ expected, actual }: Difference, form: string): Difference {
  return { expected, actual: `(${form}) ${actual}` };
}

/** The step at the evaluation's time of a range query must be what the instant query gives. */
function compareMiddle(command: EvalCommand, { data }: QueryResult): Difference | null {
  if (command.ordered) return null;
  if (data.type !== 'matrix') return { expected: 'matrix', actual: data.type };
  const samples = data.series.flatMap(({ labels, timestamps, values, histograms }) => {
    const at = timestamps.indexOf(command.startMs);
    return at < 0 ? [] : [{ labels, value: histograms?.[at] ?? values[at]! }];
  });
  if (command.scalar !== null) {
    const value = samples[0]?.value;
    const scalar = typeof value === 'number' ? value : Number.NaN;
    return compareData(command, { type: 'scalar', timestampMs: command.startMs, value: scalar });
  }
  return compareVector(command, samples);
}

async function judge(
  command: EvalCommand,
  evaluate: () => Promise<QueryResult>,
  compare: (result: QueryResult) => Difference | null = (result) => compareData(command, result.data),
  withAnnotations = true,
): Promise<Difference | null> {
  const failing = command.messages.filter(({ kind }) => kind === 'fail');
  let result: QueryResult;
  try {
    result = await evaluate();
  } catch (error) {
    const actual = (error as Error).message;
    if (failing.length === 0) {
      return { expected: 'a result', actual: error instanceof TypeError ? String((error as Error).stack) : actual };
    }
    const unmet = failing.find((expectation) => !matches(expectation, actual));
    return unmet === undefined ? null : { expected: describe(unmet), actual };
  }
  if (failing.length > 0) return { expected: describe(failing[0]!), actual: 'a result' };
  return (withAnnotations ? checkAnnotations(command, result.annotations) : null) ?? compare(result);
}

function matches({ msg, regex }: MessageExpectation, text: string): boolean {
  if (msg !== null) return msg === text || text.endsWith(`: parse error: ${msg}`) || stripPosition(text) === msg;
  return regex === null || new RegExp(regex).test(text);
}

function stripPosition(text: string): string {
  return text.replace(/ \(\d+:\d+\)$/, '');
}

function describe({ kind, msg, regex }: MessageExpectation): string {
  return `${kind} ${msg ?? (regex === null ? '' : `/${regex}/`)}`.trim();
}

function checkAnnotations({ messages }: EvalCommand, annotations: readonly Annotation[]): Difference | null {
  for (const [kind, annotationKind] of [
    ['warn', 'warning'],
    ['info', 'info'],
  ] as const) {
    const texts = annotations.filter((one) => one.kind === annotationKind).map((one) => one.text);
    if (messages.some((one) => one.kind === `no_${kind}`) && texts.length > 0) {
      return { expected: `no ${kind}`, actual: texts.join('\n') };
    }
    const wanted = messages.filter((one) => one.kind === kind);
    if (wanted.length === 0) continue;
    const unmet = wanted.find((expectation) => !texts.some((text) => matches(expectation, text)));
    const surplus = texts.find((text) => !wanted.some((expectation) => matches(expectation, text)));
    if (unmet !== undefined) return { expected: describe(unmet), actual: texts.join('\n') || `no ${kind}` };
    if (surplus !== undefined) return { expected: wanted.map(describe).join('\n'), actual: surplus };
  }
  return null;
}
