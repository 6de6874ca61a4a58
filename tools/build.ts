/** Builds what `npm start` runs: the bundles of the servers (dist/) and the dashboards' web pages. */
import { cpSync, existsSync, rmSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { rolldown } from 'rolldown';

const root = join(import.meta.dirname, '..');

/** Files that run as a thread or process of their own keep their name: code refers to them beside itself. */
const ENTRIES: Readonly<Record<string, string>> = {
  mario: 'apps/stack/mario.ts',
  'query-worker': 'packages/metrics/query/query-worker.ts',
  'merge-worker': 'packages/metrics/store/compaction/merge-worker.ts',
};

const builtins = builtinModules.flatMap((name) => [name, `node:${name}`]);

await buildServers();
await buildWeb();

async function buildServers(): Promise<void> {
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  const bundle = await rolldown({
    cwd: root,
    input: Object.fromEntries(Object.entries(ENTRIES).map(([name, path]) => [name, join(root, path)])),
    platform: 'node',
    // Optional parts of libraries that are not installed are asked for inside try/catch.
    external: [...builtins, 'pg-native', 'node:sqlite'],
    logLevel: 'warn',
    onLog(level, log, handler) {
      if (log.code !== 'EVAL' && log.code !== 'CIRCULAR_DEPENDENCY') handler(level, log);
    },
  });
  await bundle.write({
    dir: join(root, 'dist'),
    format: 'esm',
    entryFileNames: '[name].js',
    // Beside the entries, because modules look for their files and threads beside themselves.
    chunkFileNames: '[name]-[hash].js',
    sourcemap: true,
    minify: false,
  });
  await bundle.close();
  cpSync(join(root, 'apps/pizzeria/ui/assets'), join(root, 'dist/pizzeria-assets'), { recursive: true });
  await buildPageTelemetry();
}

/** One small file beside the pages' other assets. */
async function buildPageTelemetry(): Promise<void> {
  const bundle = await rolldown({
    cwd: root,
    input: { 'web-telemetry': join(root, 'packages/instrumentation/web/index.ts') },
    platform: 'browser',
  });
  await bundle.write({ dir: join(root, 'dist/pizzeria-assets'), format: 'esm', minify: true });
  await bundle.close();
}

async function buildWeb(): Promise<void> {
  const { buildWeb } = await import('../packages/dashboards/build.ts');
  await buildWeb();
  if (!existsSync(join(root, 'packages/dashboards/dist/web/index.html'))) {
    throw new Error('BUG: the web build left no packages/dashboards/dist/web/index.html');
  }
}
