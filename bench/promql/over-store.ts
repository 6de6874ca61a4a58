/**
 * Where the time of a query goes: reading, evaluating, writing JSON, in one process over the real store with the data of
 * `mario bench metrics`.
 *
 *   over-store.ts [--data FOLDER] [--only PATTERN] [--rounds N] [--beside TREE] [--whole]
 *
 * `--beside` names another check-out (with its own node_modules), whose code is asked in turn with this one's, so that
 * both meet the same load of the machine. Shown are the least wall time and the mean CPU time of a round.
 */
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { QueryResult } from '../../packages/metrics/promql/index.ts';
import type { Queryable, SelectHints, SeriesSamples, SeriesSet } from '../../packages/metrics/queryable.ts';
import { type QueryCase, queryCases } from '../metrics/queries.ts';
import { requestsOf } from '../metrics/workload.ts';

const HOURS = 6;
const HOUR_MS = 3_600_000;
/** Fixed, so that a filled folder can be asked again. */
const END_MS = 1_790_000_000_000;
const HISTOGRAM_SPAN_MS = 75 * 60_000;
const STEPS = 241;
const PIECE_BYTES = 256 * 1024;

type Matchers = Parameters<Queryable['select']>[0];
type Part = 'read' | 'evaluate' | 'json' | 'whole';

interface Spent {
  wallMs: number;
  cpuMs: number;
  rounds: number;
}

/** The code of one tree, over a store of its own. */
class Subject {
  readonly name: string;
  readonly #modules: Modules;
  readonly #store: Queryable & { close(): Promise<void> };
  readonly #frozen: Queryable;
  readonly #selects = new Map<string, Map<string, [Matchers, SelectHints]>>();
  readonly spent = new Map<string, Spent>();

  static async open(tree: string, folder: string): Promise<Subject> {
    const modules = await importTree(tree);
    const filled = existsSync(folder);
    const directory = await modules.openDiskDirectory(folder);
    const store = await modules.MetricsStore.open({ directory, clock: modules.systemClock, log: modules.silentLog });
    if (!filled) await fill(new modules.RemoteWrite(store));
    return new Subject(tree, modules, store);
  }

  private constructor(name: string, modules: Modules, store: Queryable & { close(): Promise<void> }) {
    this.name = name;
    this.#modules = modules;
    this.#store = store;
    this.#frozen = frozenReads(store);
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  /** `wholeOnly`: for a profile in which nothing is done twice. */
  async round(each: QueryCase, wholeOnly: boolean): Promise<void> {
    if (!wholeOnly) {
      await this.#timed('read', () => this.#readOnly(each));
      await this.#timed('evaluate', () => this.#evaluate(this.#frozen, each));
    }
    const result = await this.#timed('whole', () => this.#evaluate(this.#store, each));
    await this.#timed('json', () => this.#write(result));
  }

  #evaluate(queryable: Queryable, { query, rangeMs }: QueryCase): Promise<QueryResult> {
    const engine = this.#modules.createEngine();
    if (rangeMs === undefined) return engine.instant(queryable, query, END_MS);
    return engine.range(queryable, query, END_MS - rangeMs, END_MS, rangeMs / (STEPS - 1));
  }

  #write({ data }: QueryResult): number {
    let length = 0;
    for (const piece of this.#modules.resultPieces(data, { pieceBytes: PIECE_BYTES })) length += piece.length;
    return length;
  }

  /** Reads everything a query reads, and does nothing with it. */
  async #readOnly(each: QueryCase): Promise<void> {
    let selects = this.#selects.get(each.work);
    if (selects === undefined) {
      const found = new Map<string, [Matchers, SelectHints]>();
      this.#selects.set(each.work, (selects = found));
      const recording = withSelect(this.#store, (matchers, hints) => {
        found.set(JSON.stringify(matchers), [matchers, hints]);
        return this.#store.select(matchers, hints);
      });
      await this.#evaluate(recording, each);
    }
    for (const [matchers, hints] of selects.values()) {
      const set = await this.#store.select(matchers, hints);
      for (let i = 0; i < set.labels.length; i++) set.read(i);
    }
  }

  async #timed<T>(part: Part, work: () => Promise<T> | T): Promise<T> {
    const before = process.threadCpuUsage();
    const startMs = performance.now();
    const result = await work();
    const { user, system } = process.threadCpuUsage(before);
    const wallMs = performance.now() - startMs;
    const spent = this.spent.get(part) ?? { wallMs: Infinity, cpuMs: 0, rounds: 0 };
    // The first rounds compile.
    if (spent.rounds++ >= 2) {
      spent.wallMs = Math.min(spent.wallMs, wallMs);
      spent.cpuMs += (user + system) / 1000;
    }
    this.spent.set(part, spent);
    return result;
  }
}

async function importTree(tree: string) {
  const load = (path: string) => import(join(tree, path));
  const promql: typeof import('../../packages/metrics/promql/index.ts') = await load(
    'packages/metrics/promql/index.ts',
  );
  const json: typeof import('../../packages/metrics/query/result-pieces.ts') = await load(
    'packages/metrics/query/result-pieces.ts',
  );
  const store: typeof import('../../packages/metrics/store/metrics-store.ts') = await load(
    'packages/metrics/store/metrics-store.ts',
  );
  const remote: typeof import('../../packages/metrics/remote/remote-write.ts') = await load(
    'packages/metrics/remote/remote-write.ts',
  );
  const service: typeof import('../../packages/service/index.ts') = await load('packages/service/index.ts');
  const storage: typeof import('../../packages/storage/index.ts') = await load('packages/storage/index.ts');
  return { ...promql, ...json, ...store, ...remote, ...service, ...storage };
}

type Modules = Awaited<ReturnType<typeof importTree>>;

async function fill(intake: InstanceType<Modules['RemoteWrite']>): Promise<void> {
  const requests = requestsOf({
    targets: 100,
    countersPerTarget: 100,
    histogramsPerTarget: 10,
    startMs: END_MS - HOURS * HOUR_MS,
    endMs: END_MS,
    histogramsFromMs: END_MS - HISTOGRAM_SPAN_MS,
  });
  for (const { body } of requests) {
    const answer = await intake.receive('application/x-protobuf', 'snappy', body);
    if (answer.status >= 300) throw new Error(answer.body);
  }
}

function withSelect(store: Queryable, select: Queryable['select']): Queryable {
  return {
    select,
    labelNames: (query) => store.labelNames(query),
    labelValues: (name, query) => store.labelValues(name, query),
    exemplars: (query) => store.exemplars(query),
    metadata: (metric) => store.metadata(metric),
  };
}

/** Hands out copies of what was read once: what is left is evaluation. */
function frozenReads(store: Queryable): Queryable {
  const sets = new Map<string, SeriesSet>();
  return withSelect(store, async (matchers, hints) => {
    const key = JSON.stringify([matchers, hints.startMs, hints.endMs]);
    let set = sets.get(key);
    if (set === undefined) {
      sets.clear();
      sets.set(key, (set = freeze(await store.select(matchers, hints))));
    }
    return set;
  });
}

function freeze(set: SeriesSet): SeriesSet {
  const samples: SeriesSamples[] = set.labels.map((_, i) => {
    const one = set.read(i);
    return { ...one, values: one.values.slice(0, one.to), stale: one.stale?.slice() ?? null };
  });
  return { labels: set.labels, read: (i) => samples[i]! };
}

const { values: flags } = parseArgs({
  options: {
    data: { type: 'string', default: join(tmpdir(), 'mario-bench-promql') },
    only: { type: 'string', default: '' },
    rounds: { type: 'string', default: '9' },
    beside: { type: 'string' },
    whole: { type: 'boolean', default: false },
  },
});
const trees = [resolve(import.meta.dirname, '../..'), ...(flags.beside === undefined ? [] : [resolve(flags.beside)])];
const subjects: Subject[] = [];
for (const [i, tree] of trees.entries()) subjects.push(await Subject.open(tree, `${flags.data}-${i}`));
for (const each of queryCases(HOURS)) {
  if (!each.work.includes(flags.only)) continue;
  for (let round = 0; round < Number(flags.rounds); round++) {
    for (const subject of subjects) await subject.round(each, flags.whole);
  }
  console.log(each.work);
  for (const { name, spent } of subjects) {
    const parts = [...spent].map(([part, { wallMs, cpuMs, rounds }]) => {
      return `${part} ${wallMs.toFixed(1).padStart(7)} (${(cpuMs / (rounds - 2)).toFixed(0).padStart(5)})`;
    });
    spent.clear();
    console.log(`  ${name.padEnd(16)} least ms (CPU ms): ${parts.join('  ')}`);
  }
}
for (const subject of subjects) await subject.close();
