/** `file_sd_configs`: lists of target groups in YAML or JSON files, read again when they change. */
import { readFile } from 'node:fs/promises';
import { ConfigIssues, formatIssue, readYamlText } from '@mario/service';
import { type FileDiscovery, readStaticGroup, type StaticGroup } from '../config/discovery-config.ts';
import { expandFiles } from '../config/file-pattern.ts';

/** The real server watches the files; looking every few seconds is as quick for people and works on every file system. */
export const FILE_POLL_MS = 5_000;

/** Throws naming the file and line of what is wrong in it. */
export async function discoverInFiles(config: FileDiscovery): Promise<readonly StaticGroup[]> {
  const groups: StaticGroup[] = [];
  for (const file of expandFiles(config.files)) {
    const issues = new ConfigIssues();
    // JSON is YAML: one reader gives lines for both.
    const node = readYamlText(await readFile(file, 'utf8'), file, { issues });
    const found = (node?.list() ?? []).map((each, i) => readStaticGroup(each, `${file}:${i}`));
    if (issues.errors.length > 0) throw new Error(issues.errors.map(formatIssue).join('; '));
    for (const group of found) groups.push({ ...group, labels: { ...group.labels, __meta_filepath: file } });
  }
  return groups;
}
