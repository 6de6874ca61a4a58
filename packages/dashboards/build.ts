/** Builds the web pages into dist/web. Called by the bootstrap when sources changed, or by hand: `node build.ts`. */
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { build } from 'vite';

const root = fileURLToPath(new URL('./web', import.meta.url));
const outDir = fileURLToPath(new URL('./dist/web', import.meta.url));

/** moment-timezone ships all of history; dashboards look at the last years. */
const MOMENT_TIMEZONE = fileURLToPath(
  import.meta.resolve('moment-timezone/builds/moment-timezone-with-data-10-year-range.js'),
);

export async function buildWeb(): Promise<void> {
  await rm(outDir, { recursive: true, force: true });
  await build({
    root,
    configFile: false,
    logLevel: 'warn',
    plugins: [react()],
    resolve: { alias: [{ find: /^moment-timezone$/, replacement: MOMENT_TIMEZONE }] },
    build: {
      outDir,
      emptyOutDir: true,
      target: 'es2023',
      // The page with charts is large and lazy; the first page is held under 100 KB by a test.
      chunkSizeWarningLimit: 2_000,
    },
  });
}

if (import.meta.main) await buildWeb();
