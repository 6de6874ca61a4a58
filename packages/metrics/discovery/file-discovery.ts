/** `file_sd_configs`: lists of target groups in YAML or JSON files, read again when they change. */
import { readFile, stat } from 'node:fs/promises';
import { ConfigIssues, formatIssue, readYamlText } from '@mario/service';
import { type FileDiscovery, readStaticGroup, type StaticGroup } from '../config/discovery-config.ts';
import { expandFiles } from '../config/file-pattern.ts';

/** The real server watches the files; looking every few seconds is as quick for people and works on every file system. */
export const FILE_POLL_MS = 5_000;

interface ReadFile {
  /** Changes when the file does. */
  readonly version: string;
  readonly groups: readonly StaticGroup[];
}

/**
 * Looks at the files of one config. A file with bad content keeps what was good in it before, and `failed` is told once
 * for each change; a file that is gone takes its targets along.
 */
export class FileLookout {
  readonly #config: FileDiscovery;
  readonly #failed: (error: Error) => void;
  #files = new Map<string, ReadFile>();

  constructor(config: FileDiscovery, failed: (error: Error) => void) {
    this.#config = config;
    this.#failed = failed;
  }

  async look(): Promise<readonly StaticGroup[]> {
    const files = new Map<string, ReadFile>();
    for (const file of expandFiles(this.#config.files)) {
      const read = await this.#read(file, this.#files.get(file));
      if (read !== undefined) files.set(file, read);
    }
    this.#files = files;
    return [...files.values()].flatMap(({ groups }) => groups);
  }

  async #read(file: string, before: ReadFile | undefined): Promise<ReadFile | undefined> {
    let version = before?.version ?? '';
    try {
      const { mtimeMs, size, ino } = await stat(file);
      version = `${mtimeMs} ${size} ${ino}`;
      if (before?.version === version) return before;
      return { version, groups: parse(await readFile(file, 'utf8'), file) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      this.#failed(error as Error);
      return { version, groups: before?.groups ?? [] };
    }
  }
}

/** Throws naming the file and line of what is wrong in it. */
function parse(text: string, file: string): readonly StaticGroup[] {
  const issues = new ConfigIssues();
  // JSON is YAML: one reader gives lines for both.
  const node = readYamlText(text, file, { issues });
  const groups = (node?.list() ?? []).map((each, i) => readStaticGroup(each, `${file}:${i}`));
  if (issues.errors.length > 0) throw new Error(issues.errors.map(formatIssue).join('; '));
  return groups.map((group) => ({ ...group, labels: { ...group.labels, __meta_filepath: file } }));
}
