/**
 * Completes package-lock.json after `npm install`: a registry that serves only this platform's binaries leaves the
 * optional packages of other platforms out of the lock file, and `npm ci` then refuses it everywhere. Each one is
 * added with its version and platform, so that npm knows what to skip; who runs on that platform installs it.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type LockFile, missingOptional } from './tidy/lock-file.ts';

const path = join(import.meta.dirname, '..', 'package-lock.json');
const lock = JSON.parse(readFileSync(path, 'utf8')) as LockFile;

const missing = missingOptional(lock);
for (const { path: place, name, version } of missing) {
  lock.packages[place] = { version, optional: true, ...platformOf(name) };
}
const sorted = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(path, JSON.stringify({ ...lock, packages: sorted }, null, 2) + '\n');
console.log(`${missing.length} optional packages of other platforms added to package-lock.json`);

/** Names of such packages end in their platform: `binding-linux-arm64-musl`, `cli-darwin-x64`, `win32-x64-msvc`. */
function platformOf(name: string): { os?: string[]; cpu: string[]; libc?: string[] } {
  if (name.includes('wasm32')) return { cpu: ['wasm32'] };
  const os = /\b(android|darwin|freebsd|linux|openharmony|openbsd|netbsd|sunos|aix|win32)\b/.exec(name)?.[1];
  const cpu = /\b(arm64|arm|x64|ia32|ppc64|riscv64|s390x|loong64|mips64el)\b/.exec(name)?.[1];
  if (os === undefined || cpu === undefined) throw new Error(`the platform of ${name} cannot be told from its name`);
  const libc = /-musl/.test(name) ? ['musl'] : os === 'linux' && /-gnu/.test(name) ? ['glibc'] : undefined;
  return { os: [os], cpu: [cpu], ...(libc === undefined ? {} : { libc }) };
}
