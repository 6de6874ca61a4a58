#!/usr/bin/env node
/**
 * The `mario` command as it is installed: runs the bundle with V8's compile cache, which starts about five times faster
 * than the sources; without a bundle (`npm ci` and nothing else) it runs the sources.
 */
import { existsSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

const dist = join(import.meta.dirname, '..', '..', '..', 'dist');
const bundle = join(dist, 'mario.js');

if (existsSync(bundle)) {
  enableCompileCache(join(dist, '.compile-cache'));
  await import(bundle);
} else {
  await import('../mario.ts');
}
