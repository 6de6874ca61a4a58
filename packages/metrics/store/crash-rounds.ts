/**
 * The proof that what a store acknowledged is there after any crash, once, and that what it deleted stays gone: random
 * work over a directory that loses power (or a process that is killed) at random operations, on a disk that fails now
 * and then; after each crash the store is opened again and compared with what was promised.
 *
 *   node packages/metrics/store/crash-rounds.ts --rounds 500
 */
import assert from 'node:assert/strict';
import { pathToFileURL } from 'node:url';
import { silentLog } from '@mario/service';
import { FakeClock } from '@mario/service/testing';
import { openSegment } from '@mario/storage';
import { PowerCutDirectory, PowerSupply, seededRandom, testSeed } from '@mario/storage/testing';
import { Labels } from '../model/labels.ts';
import { BLOCK_FORMAT } from './block-writer.ts';
import { MetricsStore } from './metrics-store.ts';

const T0 = Date.UTC(2026, 0, 1);
const STEP_MS = 60_000;
const SERIES = 24;
const TARGETS = 3;
/** Lives of one directory, each ended by a crash. */
const LIVES = 5;
const OPERATIONS = 150;
const OUT_OF_ORDER_MS = 6 * 60 * 60_000;
const RETENTION_MS = 40 * 60 * 60_000;

/** One sample and what was promised about it. */
interface Promised {
  readonly timestampMs: number;
  readonly value: number;
  readonly startMs: number;
  stored: 'asked' | 'acknowledged';
  deleted: 'no' | 'asked' | 'acknowledged';
}

export interface CrashReport {
  readonly rounds: number;
  readonly crashes: number;
  readonly samples: number;
  readonly deletions: number;
  readonly snapshots: number;
}

export async function runCrashRounds(rounds: number, seed: number): Promise<CrashReport> {
  const total = { rounds, crashes: 0, samples: 0, deletions: 0, snapshots: 0 };
  for (let done = 0, chain = 0; done < rounds; chain++) {
    const one = new CrashChain(seededRandom(seed + chain));
    const lives = Math.min(LIVES, rounds - done);
    try {
      await one.run(lives);
    } catch (error) {
      throw new Error(`seed ${seed}, directory ${chain}: ${(error as Error).message}`, { cause: error });
    }
    done += lives;
    total.crashes += lives;
    total.samples += one.sampleCount;
    total.deletions += one.deletionCount;
    total.snapshots += one.snapshots.size;
  }
  return total;
}

/** The time of the work; its timers are moved apart from it. */
class WorkClock extends FakeClock {
  readonly #tick: () => number;

  constructor(tick: () => number) {
    super(T0);
    this.#tick = tick;
  }

  override nowMs(): number {
    return T0 + this.#tick() * STEP_MS;
  }

  override monotonicMs(): number {
    return this.#tick() * STEP_MS;
  }
}

/** One directory through several lives. */
class CrashChain {
  sampleCount = 0;
  deletionCount = 0;
  /** Name and content of snapshots that were acknowledged. */
  readonly snapshots = new Map<string, string>();
  readonly #random: () => number;
  readonly #series = new Map<string, Promised[]>();
  #power: PowerSupply;
  #directory: PowerCutDirectory;
  #tick = 0;
  #value = 0;

  constructor(random: () => number) {
    this.#random = random;
    this.#power = new PowerSupply(random);
    this.#directory = new PowerCutDirectory(this.#power);
  }

  async run(lives: number): Promise<void> {
    for (let life = 0; life < lives; life++) {
      const store = await this.#open();
      await this.#verify(store, `life ${life}`);
      await this.#live(store);
      const power = new PowerSupply(this.#random);
      this.#directory = this.#directory.survivors(this.#random() < 0.7 ? 'power' : 'kill', power);
      this.#power = power;
      await settle();
    }
    const store = await this.#open();
    await this.#verify(store, 'at the end');
    await store.close();
    await this.#verifySnapshots();
  }

  #clock = new WorkClock(() => this.#tick);

  async #open(): Promise<MetricsStore> {
    this.#clock = new WorkClock(() => this.#tick);
    return MetricsStore.open({
      directory: this.#directory,
      clock: this.#clock,
      log: silentLog,
      retentionMs: RETENTION_MS,
      outOfOrderTimeWindowMs: OUT_OF_ORDER_MS,
    });
  }

  /** Random work until the power goes. */
  async #live(store: MetricsStore): Promise<void> {
    this.#power.cutAt = this.#power.operationCount + 1 + Math.floor(this.#random() * 300);
    this.#power.faultChance = this.#random() < 0.3 ? 0.05 : 0;
    const running: Promise<unknown>[] = [];
    for (let i = 0; i < OPERATIONS && !this.#power.isCut; i++) {
      running.push(this.#operation(store));
      if (this.#random() < 0.7) await settle();
    }
    // What hangs behind the cut settles too: every operation of a dead disk fails.
    this.#power.cutNow();
    await Promise.all(running);
    await store.close().catch(() => undefined);
  }

  async #operation(store: MetricsStore): Promise<void> {
    const dice = this.#random();
    if (dice < 0.72) return this.#append(store);
    if (dice < 0.8) return this.#delete(store);
    if (dice < 0.88) return store.flush().catch(() => undefined);
    if (dice < 0.92) return store.compact().catch(() => undefined);
    if (dice < 0.95) return store.cleanTombstones().catch(() => undefined);
    if (dice < 0.97) return this.#snapshot(store);
    await this.#clock.advance(31_000);
  }

  async #append(store: MetricsStore): Promise<void> {
    this.#tick += this.#random() < 0.1 ? 1 + Math.floor(this.#random() * 90) : 1;
    // Now and then a row that comes late, at a time of its own.
    const late = this.#random() < 0.15 ? Math.floor(this.#random() * 120) * STEP_MS + 1 + (this.#tick % 50_000) : 0;
    const timestampMs = T0 + this.#tick * STEP_MS - late;
    const target = Math.floor(this.#random() * TARGETS);
    const churn = Math.floor(this.#tick / 100);
    const names: string[] = [];
    for (let i = 0; i < SERIES; i++) if (this.#random() < 0.9) names.push(i < 16 ? `s${i}` : `s${i}_${churn}`);
    const keys = names.map((name) => `${name} ${target}`);
    const promised = keys.map((key): Promised => {
      const startMs = key.startsWith('s1') ? T0 + Math.floor(this.#tick / 40) * 1000 : 0;
      return { timestampMs, value: ++this.#value, startMs, stored: 'asked', deleted: 'no' };
    });
    keys.forEach((key, i) => {
      const list = this.#series.get(key);
      if (list === undefined) this.#series.set(key, [promised[i]!]);
      else list.push(promised[i]!);
    });
    const refs = Int32Array.from(names, (name) => store.ref(Labels.from({ __name__: name, target: String(target) })));
    const result = await store
      .append({
        rows: [
          {
            group: `target ${target}`,
            timestampMs,
            count: names.length,
            refs,
            values: Float64Array.from(promised, ({ value }) => value),
            stale: null,
            histograms: null,
            starts: Float64Array.from(promised, ({ startMs }) => startMs),
          },
        ],
      })
      .catch(() => undefined);
    if (result === undefined) return;
    // A late sample of a series that is new to the store may be too old for it; then nothing of it was promised.
    if (result.appended !== names.length) return;
    for (const each of promised) each.stored = 'acknowledged';
    this.sampleCount += promised.length;
  }

  async #delete(store: MetricsStore): Promise<void> {
    const name = `s${Math.floor(this.#random() * SERIES)}`;
    const whole = this.#random() < 0.5;
    const endMs = whole ? Infinity : T0 + this.#random() * this.#tick * STEP_MS;
    const startMs = whole ? -Infinity : endMs - this.#random() * 200 * STEP_MS;
    const taken: Promised[] = [];
    for (const [key, samples] of this.#series) {
      if (!new RegExp(`^${name}(_\\d+)? `).test(key)) continue;
      for (const each of samples) {
        if (each.timestampMs >= startMs && each.timestampMs <= endMs && each.deleted === 'no') taken.push(each);
      }
    }
    for (const each of taken) each.deleted = 'asked';
    const matchers = [{ name: '__name__', op: '=~', value: `${name}(_.*)?` } as const];
    const done = await store.deleteSeries([matchers], startMs, endMs).then(
      () => true,
      () => false,
    );
    if (!done) return;
    for (const each of taken) each.deleted = 'acknowledged';
    this.deletionCount++;
  }

  async #snapshot(store: MetricsStore): Promise<void> {
    const name = await store.snapshot(this.#random() < 0.5).catch(() => undefined);
    if (name !== undefined) this.snapshots.set(name, '');
  }

  /** Compares what the store says with what was promised; what was in doubt is settled by it. */
  async #verify(store: MetricsStore, when: string): Promise<void> {
    assert.equal(store.stats.corruptSegmentCount, 0, `${when}: a block is damaged`);
    const oldestMs = this.#clock.nowMs() - RETENTION_MS;
    const found = await readAll(store);
    for (const [key, samples] of found) {
      const known = new Map(this.#series.get(key)?.map((each) => [each.timestampMs, each]));
      for (const [timestampMs, { value, startMs }] of samples) {
        const promised = known.get(timestampMs);
        const where = `${when}, series ${key} at ${(timestampMs - T0) / 1000} s`;
        assert.ok(promised !== undefined, `${where}: nobody stored this`);
        assert.equal(value, promised.value, where);
        assert.equal(startMs, promised.startMs, `${where}: start timestamp`);
        assert.notEqual(promised.deleted, 'acknowledged', `${where}: what was deleted came back`);
      }
    }
    for (const [key, list] of this.#series) {
      const samples = found.get(key);
      for (const each of list) {
        const there = samples?.has(each.timestampMs) ?? false;
        const promised = each.stored === 'acknowledged' && each.deleted === 'no' && each.timestampMs > oldestMs;
        const where = `${when}, series ${key} at ${(each.timestampMs - T0) / 1000} s`;
        assert.ok(there || !promised, `${where}: acknowledged and lost`);
        each.stored = there ? 'acknowledged' : each.stored;
      }
      // A deletion that was not acknowledged happened or did not; from now on it is known.
      const kept = list.filter((each) => samples?.has(each.timestampMs) || each.deleted === 'acknowledged');
      for (const each of kept) if (each.deleted === 'asked') each.deleted = 'no';
      this.#series.set(key, kept);
    }
  }

  async #verifySnapshots(): Promise<void> {
    const copy = await this.#directory.copy();
    const folder = await copy.subdirectory('snapshots');
    const there = await folder.listDirectories();
    for (const name of this.snapshots.keys()) {
      assert.ok(there.includes(name), `snapshot ${name} is lost`);
      const directory = await folder.subdirectory(name);
      const blocks = await directory.subdirectory('blocks');
      for (const file of await blocks.list()) {
        const segment = await openSegment(blocks, file, BLOCK_FORMAT, { verify: 'all' });
        await segment.close();
      }
      const store = await MetricsStore.open({ directory, clock: new FakeClock(T0), log: silentLog });
      assert.equal(store.stats.corruptSegmentCount, 0);
      await readAll(store);
      await store.close();
    }
  }
}

type Found = Map<string, Map<number, { readonly value: number; readonly startMs: number }>>;

async function readAll(store: MetricsStore): Promise<Found> {
  const set = await store.select([{ name: '__name__', op: '=~', value: '.+' }], { startMs: 0, endMs: Infinity });
  assert.deepEqual(set.warnings, []);
  const all: Found = new Map();
  set.labels.forEach((labels, i) => {
    const { timestamps, values, startTimestamps, from, to } = set.read(i);
    const own = new Map<number, { value: number; startMs: number }>();
    for (let p = from; p < to; p++) {
      assert.ok(p === from || timestamps[p]! > timestamps[p - 1]!, 'timestamps ascend');
      own.set(timestamps[p]!, { value: values[p]!, startMs: startTimestamps?.[p] ?? 0 });
    }
    all.set(`${labels.metricName} ${labels.get('target')}`, own);
  });
  return all;
}

/** Lets pending promises run. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const at = process.argv.indexOf('--rounds');
  const rounds = at < 0 ? 200 : Number(process.argv[at + 1]);
  const seed = testSeed();
  process.stdout.write(`seed ${seed}\n`);
  const report = await runCrashRounds(rounds, seed);
  process.stdout.write(`${JSON.stringify(report)}\n`);
}
