/** Writes docs/errors.md from the error kinds that the code defines. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ERRORS_PAGE, formatErrorsPage } from './tidy/errors.ts';
import { readTracked, tracked } from './tidy/tracked.ts';

writeFileSync(join(import.meta.dirname, '..', ERRORS_PAGE), formatErrorsPage(tracked, readTracked));
