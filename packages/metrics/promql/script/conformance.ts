// The command `mario conformance promql`: all scripts of a folder, or one file.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Queryable } from '../../queryable.ts';
import type { ScriptStore } from './load.ts';
import { runScript, type ScriptFailure, scriptEngine } from './run-script.ts';

export interface ConformanceReport {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly failures: readonly ScriptFailure[];
}

/** Each script gets a store of its own from `openStore` (one in memory unless given). Throws when PATH is not there. */
export async function runPromqlConformance(
  path: string,
  openStore?: () => ScriptStore & Queryable,
): Promise<ConformanceReport> {
  const files = statSync(path).isDirectory()
    ? readdirSync(path)
        .filter((name) => name.endsWith('.test'))
        .sort()
        .map((name) => join(path, name))
    : [path];
  const failures: ScriptFailure[] = [];
  let passed = 0;
  for (const file of files) {
    const outcome = await runScript(basename(file), readFileSync(file, 'utf8'), scriptEngine(), openStore?.());
    passed += outcome.passed;
    failures.push(...outcome.failures);
  }
  return { passed, failed: failures.length, skipped: 0, failures };
}
