/** Real configurations must be taken: a folder of files that real tools run, each checked by our engine. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { formatIssue } from '@mario/service';
import { checkAs } from '../check/check-files.ts';
import type { ConformanceReport } from './suites.ts';

export async function runConfigurations(path: string, kind: 'collector' | 'prometheus'): Promise<ConformanceReport> {
  const files = /\.ya?ml$/.test(path)
    ? [path]
    : readdirSync(path)
        .filter((name) => /\.ya?ml$/.test(name))
        .map((name) => join(path, name));
  const failures: { case: string; expected: unknown; actual: unknown }[] = [];
  for (const file of files.sort()) {
    const { issues } = await checkAs(kind, [file]);
    const errors = issues.filter(({ severity }) => severity === 'error');
    if (errors.length > 0) failures.push({ case: file, expected: 'no errors', actual: errors.map(formatIssue) });
  }
  return { passed: files.length - failures.length, failed: failures.length, skipped: 0, failures };
}
