/** Runs lists of TraceQL queries that must, or must not, parse and validate. */

import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { parse } from './parser.ts';
import { print } from './printer.ts';
import { QueryError } from './query-error.ts';
import { validate } from './validate.ts';

export interface ConformanceFailure {
  readonly case: string;
  readonly expected: string;
  readonly actual: string;
}

export interface ConformanceResult {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly failures: readonly ConformanceFailure[];
}

const LISTS = ['valid', 'parse_fails', 'validate_fails', 'unsupported'] as const;
type List = (typeof LISTS)[number];

/**
 * Reads a file, or the JSON files of a folder, of `{valid, parse_fails, validate_fails, unsupported}` lists. A valid query must also survive printing:
 * parse(print(ast)) = ast. An unsupported one must be refused clearly, or be supported.
 */
export async function runTraceqlConformance(path: string): Promise<ConformanceResult> {
  const failures: ConformanceFailure[] = [];
  let passed = 0;
  let skipped = 0;
  for (const [list, queries] of await readLists(path)) {
    for (const query of queries) {
      if (typeof query !== 'string') {
        skipped++;
        continue;
      }
      const actual = outcomeOf(query);
      const wanted = EXPECTED[list];
      if (wanted.includes(actual.split(':')[0]!)) passed++;
      else failures.push({ case: query, expected: wanted.join(' or '), actual });
    }
  }
  return { passed, failed: failures.length, skipped, failures };
}

async function readLists(path: string): Promise<(readonly [List, readonly unknown[]])[]> {
  const isFolder = (await stat(path)).isDirectory();
  const files = isFolder ? (await readdir(path)).filter((name) => name.endsWith('.json')).sort() : [path];
  const found: (readonly [List, readonly unknown[]])[] = [];
  for (const file of files) {
    const text = await readFile(isFolder ? join(path, file) : file, 'utf8');
    const lists = JSON.parse(text) as Partial<Record<List, unknown>>;
    for (const list of LISTS) found.push([list, Array.isArray(lists[list]) ? lists[list] : []]);
  }
  return found;
}

const EXPECTED: Readonly<Record<List, readonly string[]>> = {
  valid: ['valid'],
  parse_fails: ['parse'],
  validate_fails: ['validate'],
  unsupported: ['unsupported', 'valid'],
};

function outcomeOf(text: string): string {
  try {
    const query = parse(text);
    const printed = print(query);
    if (!isDeepStrictEqual(parse(printed), query)) return `printed differently: ${printed}`;
    validate(query);
    return 'valid';
  } catch (error) {
    return error instanceof QueryError ? `${error.kind}: ${error.message}` : `crashed: ${String(error)}`;
  }
}
