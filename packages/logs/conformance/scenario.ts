/** The scenarios of the LogQL conformance suite: what is loaded, what is asked, what must come out. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';

export interface ScenarioEntry {
  readonly stream: string;
  readonly line: string;
  readonly at_ms: number;
  readonly repeat_every_ms?: number;
  readonly repeat_count?: number;
  readonly structured_metadata?: Readonly<Record<string, string>>;
}

export type ScenarioEvaluation = { readonly query: string; readonly expect: readonly string[] } & (
  | { readonly kind: 'instant'; readonly at_ms: number }
  | { readonly kind: 'range'; readonly start_ms: number; readonly end_ms: number; readonly step_ms: number }
);

export interface Scenario {
  /** File and number, for messages. */
  readonly name: string;
  readonly load: readonly ScenarioEntry[];
  readonly evals: readonly ScenarioEvaluation[];
}

/** All scenarios of a file, or of the JSON files of a folder. Throws when one is not what it should be. */
export function readScenarios(path: string): readonly Scenario[] {
  const files = statSync(path).isDirectory()
    ? readdirSync(path)
        .filter((name) => name.endsWith('.json'))
        .sort()
        .map((name) => join(path, name))
    : [path];
  return files.flatMap((file) => {
    const list: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (!Array.isArray(list)) throw new Error(`${file}: is not a list of scenarios`);
    return list.map((item: unknown, index) => checkScenario(item, `${basename(file)}#${index + 1}`));
  });
}

function checkScenario(item: unknown, name: string): Scenario {
  const { load, evals } = (item ?? {}) as Record<string, unknown>;
  if (!Array.isArray(load) || !Array.isArray(evals)) throw new Error(`${name}: a scenario needs load and evals`);
  for (const entry of load as Record<string, unknown>[]) {
    if (typeof entry.stream !== 'string' || typeof entry.line !== 'string' || typeof entry.at_ms !== 'number') {
      throw new Error(`${name}: an entry needs stream, line and at_ms`);
    }
  }
  for (const evaluation of evals as Record<string, unknown>[]) {
    if (typeof evaluation.query !== 'string' || !Array.isArray(evaluation.expect)) {
      throw new Error(`${name}: an evaluation needs query and expect`);
    }
    const times =
      evaluation.kind === 'instant' ? [evaluation.at_ms] : [evaluation.start_ms, evaluation.end_ms, evaluation.step_ms];
    if (times.some((time) => typeof time !== 'number')) throw new Error(`${name}: an evaluation needs its times`);
  }
  return { name, load: load as ScenarioEntry[], evals: evals as ScenarioEvaluation[] };
}
