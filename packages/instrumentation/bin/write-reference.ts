/** Writes docs/reference/telemetry.md. Run it after a change of the instruments. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { referencePage } from '../reference-page.ts';

const page = new URL('../../../docs/reference/telemetry.md', import.meta.url);
mkdirSync(new URL('.', page), { recursive: true });
writeFileSync(page, referencePage());
