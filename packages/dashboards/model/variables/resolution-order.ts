/** Variables refer to one another; each is asked for only after those that it needs. */
import type { Variable } from '../dashboard.ts';
import { referencedVariables } from './interpolate.ts';

/** Waves of variables that can be resolved at the same time. Members of a circle come last, together. */
export function resolutionWaves(variables: readonly Variable[]): readonly (readonly Variable[])[] {
  const names = new Set(variables.map((variable) => variable.name));
  const waiting = new Map(variables.map((variable) => [variable, needs(variable, names)]));
  const done = new Set<string>();
  const waves: Variable[][] = [];
  while (waiting.size > 0) {
    const wave = [...waiting]
      .filter(([, needed]) => needed.every((name) => done.has(name)))
      .map(([variable]) => variable);
    const next = wave.length > 0 ? wave : [...waiting.keys()];
    for (const variable of next) {
      waiting.delete(variable);
      done.add(variable.name);
    }
    waves.push(next);
  }
  return waves;
}

/** Names of the dashboard's variables that this one refers to in its query, pattern or data source. */
export function needs(variable: Variable, names: ReadonlySet<string>): readonly string[] {
  const text = `${variable.query} ${variable.regex} ${variable.datasource?.uid ?? ''}`;
  return referencedVariables(text).filter((name) => names.has(name) && name !== variable.name);
}
