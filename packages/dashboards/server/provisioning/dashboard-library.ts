/**
 * The dashboards that the providers' folders hold. At the start a bad file stops the server and is named with its
 * line; later, while files are edited, the last good version stays and the log says what is wrong with the new one.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigIssues, formatIssue, type Log, type Place } from '@mario/service';
import { loadDashboard } from '../../model/index.ts';
import { jsonPosition } from './json-position.ts';
import type { DashboardProvider } from './read-providers.ts';
import { slugOf } from './slug.ts';

export interface LibraryEntry {
  readonly uid: string;
  readonly title: string;
  readonly slug: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly file: string;
  readonly provider: DashboardProvider;
  readonly modifiedMs: number;
  /** The file's JSON without an envelope, as the page and API clients get it. */
  readonly json: Readonly<Record<string, unknown>>;
}

/** The largest published dashboards have about 2 MB. */
const FILE_BYTES_MAX = 16 * 1024 * 1024;
const FILES_MAX = 5_000;

/** Sub-folders of a provider; deeper is a mistake or a loop of links. */
const DEPTH_MAX = 8;

interface ReadFile {
  readonly stamp: string;
  readonly entry: LibraryEntry | undefined;
}

export class DashboardLibrary {
  readonly #providers: readonly DashboardProvider[];
  readonly #log: Log;
  #files = new Map<string, ReadFile>();
  #entries = new Map<string, LibraryEntry>();

  constructor(providers: readonly DashboardProvider[], log: Log) {
    this.#providers = providers;
    this.#log = log;
  }

  /** Sorted by folder and title. */
  get entries(): readonly LibraryEntry[] {
    return [...this.#entries.values()].sort(
      (a, b) => a.provider.folder.localeCompare(b.provider.folder) || a.title.localeCompare(b.title),
    );
  }

  get(uid: string): LibraryEntry | undefined {
    return this.#entries.get(uid);
  }

  /** Reads everything; problems go to `issues`. */
  load(issues: ConfigIssues): void {
    const files = new Map<string, ReadFile>();
    const entries = new Map<string, LibraryEntry>();
    for (const provider of this.#providers) {
      for (const file of jsonFiles(provider.path)) {
        if (files.size === FILES_MAX) {
          issues.error(placeOf(file), `is one more than ${FILES_MAX} dashboard files`);
          break;
        }
        const read = this.#read(file, provider, issues);
        files.set(file, read);
        if (read.entry === undefined) continue;
        const clash = entries.get(read.entry.uid);
        if (clash === undefined) entries.set(read.entry.uid, read.entry);
        else issues.error(placeOf(file, 1, 'uid'), `"${read.entry.uid}" is the uid of ${clash.file} too`);
      }
    }
    this.#files = files;
    this.#entries = entries;
  }

  /** Reads again what changed on disk. */
  refresh(): void {
    const issues = new ConfigIssues();
    this.load(issues);
    for (const issue of issues.errors) this.#log.error('dashboard not read', { problem: formatIssue(issue) });
  }

  #read(file: string, provider: DashboardProvider, issues: ConfigIssues): ReadFile {
    const before = this.#files.get(file);
    let text = '';
    try {
      const { mtimeMs, size } = statSync(file);
      const stamp = `${mtimeMs} ${size}`;
      if (before?.stamp === stamp) return before;
      if (size > FILE_BYTES_MAX) throw new Error(`the file has ${size} bytes, at most ${FILE_BYTES_MAX} are read`);
      text = readFileSync(file, 'utf8');
      return { stamp, entry: readEntry(file, text, provider, mtimeMs) };
    } catch (error) {
      const message = (error as Error).message;
      const { line, column } = jsonPosition(text, message);
      issues.error({ ...placeOf(file, line), column }, message);
      return { stamp: '', entry: before?.entry };
    }
  }
}

function readEntry(file: string, text: string, provider: DashboardProvider, modifiedMs: number): LibraryEntry {
  const source: unknown = JSON.parse(text);
  const { dashboard } = loadDashboard(source);
  const fallback = slugOf(file.slice(file.lastIndexOf('/') + 1, -'.json'.length));
  const uid = dashboard.uid || fallback;
  const { title, description, tags } = dashboard;
  const json = bareJson(source as Record<string, unknown>, uid);
  return { uid, title, slug: slugOf(title), description, tags, file, provider, modifiedMs, json };
}

function bareJson(source: Record<string, unknown>, uid: string): Readonly<Record<string, unknown>> {
  const inner = source.spec ?? source.dashboard;
  const bare = typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>) : source;
  return { ...bare, uid };
}

function placeOf(file: string, line = 1, key = ''): Place {
  return { file, line, column: 1, key };
}

function jsonFiles(folder: string, depth = 0): readonly string[] {
  if (depth > DEPTH_MAX) return [];
  let entries: import('node:fs').Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    return []; // the folder went away while the server runs: its dashboards go with it
  }
  return entries
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      if (entry.name.startsWith('.')) return [];
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return jsonFiles(path, depth + 1);
      return entry.name.endsWith('.json') ? [path] : [];
    });
}
