/** Runs the OpenMetrics conformance cases (`{name, should_parse, text}`) through the strict parser. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseOpenMetricsStrict } from './parse.ts';

export interface ConformanceReport {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly failures: readonly { readonly case: string; readonly expected: string; readonly actual: string }[];
}

interface OpenMetricsCase {
  readonly name: string;
  readonly should_parse: boolean;
  readonly text: string;
}

/** `path` is a JSON file with a list of cases, or a folder of them. */
export async function runOpenmetricsConformance(path: string): Promise<ConformanceReport> {
  const cases: OpenMetricsCase[] = [];
  for (const file of await filesOf(path)) cases.push(...readCases(JSON.parse(await readFile(file, 'utf8')), file));
  const failures = [];
  for (const each of cases) {
    const problem = problemOf(each.text);
    if ((problem === undefined) === each.should_parse) continue;
    failures.push({
      case: each.name,
      expected: each.should_parse ? 'parses' : 'is refused',
      actual: problem ?? 'parses',
    });
  }
  return { passed: cases.length - failures.length, failed: failures.length, skipped: 0, failures };
}

async function filesOf(path: string): Promise<readonly string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  const names = await readdir(path);
  return names
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => join(path, name));
}

function problemOf(text: string): string | undefined {
  try {
    parseOpenMetricsStrict(text);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function readCases(json: unknown, path: string): readonly OpenMetricsCase[] {
  if (!Array.isArray(json)) throw new Error(`${path} does not hold a list of cases`);
  for (const each of json) {
    if (typeof each?.name !== 'string' || typeof each.should_parse !== 'boolean' || typeof each.text !== 'string') {
      throw new Error(`${path}: a case needs name, should_parse and text`);
    }
  }
  return json;
}
