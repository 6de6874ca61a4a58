/**
 * `npm test`: every test that this machine can run. Unit and integration tests stand beside the code (`*.test.ts`),
 * end-to-end tests in apps/stack/e2e (`*.e2e.ts`) and run one after another, because each starts whole servers.
 * Arguments are passed to the test runner; paths among them choose the files.
 */
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const chosen = process.argv.slice(2).filter((arg) => !arg.startsWith('-'));
const flags = process.argv.slice(2).filter((arg) => arg.startsWith('-'));

const find = (pattern: string) =>
  globSync(pattern, { cwd: root, exclude: (path) => path.includes('node_modules') || path.includes('dist/') }).sort();

const units = chosen.length > 0 ? chosen : find('{apps,packages,tools}/**/*.test.{ts,tsx}');
const endToEnd = chosen.length > 0 ? [] : find('apps/stack/e2e/*.e2e.ts');

process.exit(run(units, '2') || run(endToEnd, '1'));

function run(files: readonly string[], concurrency: string): number {
  if (files.length === 0) return 0;
  const args = ['--test', `--test-concurrency=${concurrency}`, '--test-reporter=spec', ...flags, ...files];
  return spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status ?? 1;
}
