import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runScript, type ScriptFailure, scriptEngine } from '../promql/script/run-script.ts';
import { ScriptedStore } from '../store/scripted-store.ts';
import { Queries } from './queries.ts';

const scripts = fileURLToPath(new URL('../../../../shared/conformance/promql', import.meta.url));
const skip = existsSync(scripts) ? false : 'skipped: no conformance cases beside the repository';

/** Everything in threads, and whatever can be split in two parts. */
test('the PromQL scripts in worker threads, split wherever a query can be', { skip }, async () => {
  const failures: ScriptFailure[] = [];
  let passed = 0;
  const store = new ScriptedStore(false);
  const { options, features } = scriptEngine();
  const queries = new Queries(store, {
    engine: { ...options, features },
    threadsMax: 2,
    localWeightMax: -1,
    splitWeightMin: 0,
  });
  try {
    for (const name of readdirSync(scripts).filter((each) => each.endsWith('.test'))) {
      // The store keeps start timestamps apart from this path; its own conformance test runs them.
      if (name === 'start_timestamps.test') continue;
      store.clear();
      const outcome = await runScript(name, readFileSync(join(scripts, name), 'utf8'), queries.engine, store);
      passed += outcome.passed;
      failures.push(...outcome.failures);
    }
  } finally {
    await queries.close();
    await store.close();
  }
  assert.deepEqual(failures, []);
  assert.ok(passed > 1_500, String(passed));
});
