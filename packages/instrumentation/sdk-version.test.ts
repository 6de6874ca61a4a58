import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { SDK_VERSION } from './sdk-version.ts';

test('the version in the resource is the one that is installed', () => {
  const manifest = createRequire(import.meta.url)('@opentelemetry/sdk-trace/package.json') as { version: string };
  assert.equal(SDK_VERSION, manifest.version);
});
