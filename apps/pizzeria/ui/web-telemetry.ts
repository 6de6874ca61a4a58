// The script that tells the collector how a page does. A bundle of the pizzeria has it as one file among its assets;
// when the sources run, its modules are served as they are, without their types.

import { readdirSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';

/** The entry among the assets. */
export const WEB_TELEMETRY = 'web-telemetry.js';

/** Where browsers send their telemetry, and what the page that they got belongs to. */
export interface PageTelemetry {
  /** Address of the collector's OTLP/HTTP receiver as browsers reach it: `http://127.0.0.1:4318`. */
  readonly otlpUrl: string;
  readonly serviceName: string;
  readonly serviceVersion: string;
  /** The span that makes the page now, as a W3C `traceparent`. */
  traceparent(): string | null;
}

/** Modules by asset name, imports among them under those names. */
export function webTelemetrySources(): Map<string, string> {
  const folder = new URL('.', import.meta.resolve('@mario/instrumentation/web'));
  const names = readdirSync(folder).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
  return new Map(
    names.map((name) => [
      assetName(name),
      stripTypeScriptTypes(readFileSync(new URL(name, folder), 'utf8')).replaceAll(
        /from '\.\/([\w-]+\.ts)'/g,
        (_text, imported: string) => `from './${assetName(imported)}'`,
      ),
    ]),
  );
}

function assetName(module: string): string {
  return module === 'index.ts' ? WEB_TELEMETRY : `web-telemetry-${module.slice(0, -'.ts'.length)}.js`;
}
