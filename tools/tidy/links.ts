/** Links between documents lead to files that exist. */
import { posix } from 'node:path';

export function checkLinks(paths: readonly string[], read: (path: string) => string): string[] {
  const known = new Set(paths);
  const folders = new Set(paths.flatMap(parents));
  const findings: string[] = [];
  for (const path of paths.filter((candidate) => candidate.endsWith('.md'))) {
    for (const [, target] of read(path).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^(?:[a-z]+:|#)/.test(target!)) continue;
      const file = posix.normalize(posix.join(posix.dirname(path), target!.replace(/#.*$/, ''))).replace(/\/$/, '');
      if (!known.has(file) && !folders.has(file)) findings.push(`${path}: the link to ${target} leads nowhere`);
    }
  }
  return findings;
}

function parents(path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, i) => parts.slice(0, i + 1).join('/'));
}
