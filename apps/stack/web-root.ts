/** Where the built web pages of the dashboards are, from the sources and from the bundle. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const FROM = [
  ['..', '..', 'packages', 'dashboards', 'dist', 'web'],
  ['..', 'packages', 'dashboards', 'dist', 'web'],
] as const;

export function webRoot(): string {
  const candidates = FROM.map((path) => join(import.meta.dirname, ...path));
  // Without a build the server still runs; its pages say how to build.
  return candidates.find((path) => existsSync(path)) ?? candidates[0]!;
}
