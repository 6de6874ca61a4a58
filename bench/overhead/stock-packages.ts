/**
 * The official SDK and automatic instrumentations, for comparison only: 90 MB that no user of this repository needs, so
 * they are installed at the first measurement, into the machine's folder for temporary files.
 */
import { execFile } from 'node:child_process';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

/** Of the release that @mario/instrumentation builds on; Fastify's is made by Fastify itself. */
const PACKAGES = {
  '@fastify/otel': '0.21.2',
  '@opentelemetry/instrumentation-http': '0.223.0',
  '@opentelemetry/instrumentation-pino': '0.69.0',
  '@opentelemetry/instrumentation-runtime-node': '0.36.0',
  '@opentelemetry/instrumentation-undici': '0.33.0',
  '@opentelemetry/sdk-node': '0.223.0',
};

/** The module to preload, or undefined (said by name) when the packages cannot be had. */
export async function installStock(): Promise<string | undefined> {
  const folder = join(tmpdir(), 'mario-bench-stock-telemetry');
  await mkdir(folder, { recursive: true });
  const manifest = { private: true, type: 'module', dependencies: PACKAGES };
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
  try {
    await promisify(execFile)('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline'], { cwd: folder });
  } catch (error) {
    console.log(`stock: skipped, its packages could not be installed (${(error as Error).message.split('\n')[0]})`);
    return undefined;
  }
  const setup = join(folder, 'stock-telemetry.mjs');
  await copyFile(new URL('./stock-telemetry.mjs', import.meta.url), setup);
  return pathToFileURL(setup).href;
}
