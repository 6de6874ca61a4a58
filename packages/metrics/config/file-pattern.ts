/** Files behind the patterns of `rule_files`, `scrape_config_files` and `file_sd_configs` (Go's filepath.Glob). */
import { globSync, statSync } from 'node:fs';

/** Sorted per pattern, each file once; a pattern without a match gives nothing, as in the real server. */
export function expandFiles(patterns: readonly string[]): readonly string[] {
  const files = new Set<string>();
  for (const pattern of patterns) {
    const found = /[*?[]/.test(pattern) ? globSync(pattern).sort() : isFile(pattern) ? [pattern] : [];
    for (const file of found) files.add(file);
  }
  return [...files];
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
