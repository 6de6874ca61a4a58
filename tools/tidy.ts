/**
 * Holds the house in order (STYLE.md): which package may import which, sizes of files and functions, names that say
 * nothing, and documents that must stay in step with the code. Prints every finding and fails when there is one.
 */

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkArrows } from './tidy/arrows.ts';
import { checkFiles } from './tidy/files.ts';
import { checkLinks } from './tidy/links.ts';

const root = join(import.meta.dirname, '..');
const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((path) => path !== '');
const read = (path: string) => readFileSync(join(root, path), 'utf8');

const findings = [...checkArrows(tracked, read), ...checkFiles(tracked, read), ...checkLinks(tracked, read)];
for (const finding of findings) console.error(finding);
if (findings.length > 0) {
  console.error(`tidy: ${findings.length} findings`);
  process.exit(1);
}
