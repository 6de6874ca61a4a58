/** `npm run check`: everything that can be said about the code without running it, each tool once, all findings. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const bin = join(root, 'node_modules', '.bin');

/** oxlint walks node_modules unless it is given folders. */
const CODE_FOLDERS = ['apps', 'packages', 'tools', 'bench', 'fuzz'];

const CHECKS: readonly (readonly [name: string, command: string, args: readonly string[]])[] = [
  ['biome', 'biome', ['ci', '--diagnostic-level=warn', '--error-on-warnings', '.']],
  ['tsc', 'tsc', ['-p', 'tsconfig.json']],
  ['tsc (web)', 'tsc', ['-p', 'packages/dashboards/web/tsconfig.json']],
  ['tsc (page telemetry)', 'tsc', ['-p', 'packages/instrumentation/web/tsconfig.json']],
  ['oxlint', 'oxlint', ['--type-aware', '--deny-warnings', ...CODE_FOLDERS]],
  ['knip', 'knip', []],
  ['tidy', 'node', ['tools/tidy.ts']],
];

const failed: string[] = [];
for (const [name, command, args] of CHECKS) {
  const startMs = performance.now();
  const result = spawnSync(join(bin, command), args, { cwd: root, encoding: 'utf8' });
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
  const ok = result.status === 0;
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`);
  if (ok) continue;
  failed.push(name);
  console.log(result.error?.message ?? `${result.stdout}${result.stderr}`);
}
if (failed.length > 0) {
  console.error(`check failed: ${failed.join(', ')}`);
  process.exit(1);
}
