/**
 * Holds the house in order (STYLE.md): which package may import which, sizes and names of files, links that lead
 * somewhere, documents in step with the code. Prints every finding and fails when there is one.
 */
import { checkArrows } from './tidy/arrows.ts';
import { checkErrorsPage } from './tidy/errors.ts';
import { checkFiles } from './tidy/files.ts';
import { checkLinks } from './tidy/links.ts';
import { checkLockFile } from './tidy/lock-file.ts';
import { readTracked, tracked } from './tidy/tracked.ts';

const findings = [checkArrows, checkFiles, checkLinks, checkErrorsPage, checkLockFile].flatMap((check) =>
  check(tracked, readTracked),
);
for (const finding of findings) console.error(finding);
if (findings.length > 0) {
  console.error(`tidy: ${findings.length} findings`);
  process.exit(1);
}
