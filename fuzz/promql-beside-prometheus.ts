/**
 * Fuzz target: PromQL beside the real server. Both get the same generated series (the real one by remote write), then
 * random valid expressions as instant and range queries; what they answer must be the same. Debian has version 2.42,
 * so that only what that version knows is asked, and nothing falls on the left edge of a window, which belonged to it
 * then: `node fuzz/promql-beside-prometheus.ts [SECONDS]`.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { Labels } from '../packages/metrics/model/labels.ts';
import { createEngine, ParseError, type QueryData, QueryError } from '../packages/metrics/promql/index.ts';
import { type LoadedSample, MemoryStore } from '../packages/metrics/promql/script/memory-store.ts';
import { withTemporaryFolder } from '../packages/storage/testing/index.ts';
import { pick, timeBox } from './time-box.ts';

const PROMETHEUS = '/usr/bin/prometheus';
const START_MS = Date.UTC(2026, 0, 1);
const INTERVAL_MS = 15_000;
const SAMPLES = 200;

interface Loaded {
  readonly labels: Record<string, string>;
  readonly samples: LoadedSample[];
}

type Next = (i: number) => LoadedSample['value'] | null;

/** Irregular milliseconds, so that no sample lies on an edge of a window. */
function series(labels: Record<string, string>, phaseMs: number, at: Next): Loaded {
  const samples: LoadedSample[] = [];
  for (let i = 0; i < SAMPLES; i++) {
    const value = at(i);
    const timestampMs = START_MS + i * INTERVAL_MS + phaseMs + ((i * 7919) % 400);
    if (value !== null) samples.push({ timestampMs, value, startMs: 0 });
  }
  return { labels, samples };
}

function generate(random: () => number): Loaded[] {
  const out: Loaded[] = [];
  const counter = (base: number, resets: number, gaps: number): Next => {
    let value = base;
    return () => {
      // A counter that restarts near zero was extrapolated further.
      if (random() < gaps) return random() < 0.5 ? null : 'stale';
      value = random() < resets ? 5000 + Math.floor(random() * 50) : value + Math.floor(random() * 1000) / 8;
      return value;
    };
  };
  for (const [n, job] of ['a', 'b', 'c'].entries()) {
    for (const [k, instance] of ['x:1', 'y:2'].entries()) {
      const own = { job, instance };
      const phase = 137 + n * 1013 + k * 211;
      out.push(series({ __name__: 'c_total', ...own }, phase, counter(1e5, n * 0.02, k * 0.05)));
      out.push(series({ __name__: 'd_total', ...own, code: `${200 + n}` }, phase, counter(1e6, 0, 0)));
      out.push(series({ __name__: 'g', ...own }, phase, () => Math.round((random() * 200 - 100) * 64) / 64));
      // Nothing whose square overflows: the spread of that was NaN.
      const odd = [Number.NaN, Infinity, -Infinity, -0, 0, 'stale', null, 3, -7.5, 1e-7, 1.5e100] as const;
      out.push(series({ __name__: 'o', ...own }, phase, () => pick(random, odd)));
      if (k === 0) out.push(series({ __name__: 'i_info', ...own, version: `v${n}.10` }, phase, () => 1));
      const counts = [0, 0, 0, 0];
      const bounds = ['0.1', '1', '2.5', '+Inf'];
      const buckets = bounds.map((le) => series({ __name__: 'h_bucket', ...own, le }, phase, () => null));
      for (let i = 0; i < SAMPLES; i++) {
        const from = Math.floor(random() * 4);
        for (let b = from; b < 4; b++) counts[b]! += Math.floor(random() * 5) + 5 * (b - from + 1);
        buckets.forEach((one, b) => {
          const timestampMs = START_MS + i * INTERVAL_MS + phase + ((i * 7919) % 400);
          one.samples.push({ timestampMs, value: 1e4 * (b + 1) + counts[b]!, startMs: 0 });
        });
      }
      out.push(...buckets);
    }
  }
  return out;
}

const varint = (value: number): number[] =>
  value < 128 ? [value] : [(value % 128) | 128, ...varint(Math.floor(value / 128))];
const bytes = (field: number, content: readonly number[]): number[] => [
  ...varint(field * 8 + 2),
  ...varint(content.length),
  ...content,
];
const STALE = [2, 0, 0, 0, 0, 0, 0xf0, 0x7f];

function double(value: LoadedSample['value']): number[] {
  return value === 'stale' ? STALE : [...new Uint8Array(Float64Array.of(value as number).buffer)];
}

function writeRequest(loaded: readonly Loaded[]): Uint8Array {
  const message: number[][] = loaded.map(({ labels, samples }) => {
    const names = Object.keys(labels).sort();
    const text = (field: number, value: string): number[] => bytes(field, [...Buffer.from(value)]);
    return bytes(1, [
      ...names.flatMap((name) => bytes(1, [...text(1, name), ...text(2, labels[name]!)])),
      ...samples.flatMap(({ timestampMs, value }) => bytes(2, [9, ...double(value), 16, ...varint(timestampMs)])),
    ]);
  });
  return snappyLiterals(Uint8Array.from(message.flat()));
}

/** Snappy without compression: literals of at most 64 KiB. */
function snappyLiterals(raw: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [Uint8Array.from(varint(raw.length))];
  for (let at = 0; at < raw.length; at += 65_536) {
    const part = raw.subarray(at, at + 65_536);
    parts.push(Uint8Array.of(61 << 2, (part.length - 1) & 255, (part.length - 1) >> 8), part);
  }
  return Buffer.concat(parts);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function startPrometheus(folder: string): Promise<{ url: string; stop: () => Promise<void> }> {
  const config = join(folder, 'prometheus.yml');
  await writeFile(config, 'scrape_configs: []\n');
  const address = `127.0.0.1:${await freePort()}`;
  const flags = ['--web.enable-remote-write-receiver', '--storage.tsdb.retention.time=100y', '--log.level=error'];
  const where = [`--config.file=${config}`, `--storage.tsdb.path=${folder}/data`, `--web.listen-address=${address}`];
  const child = spawn(PROMETHEUS, [...where, ...flags], { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const url = `http://${address}`;
  const untilMs = Date.now() + 30_000;
  while (!(await fetch(`${url}/-/ready`).catch(() => null))?.ok) {
    if (Date.now() > untilMs || child.exitCode !== null) throw new Error('Prometheus did not start within 30 s');
    await after(100);
  }
  const stop = async (): Promise<void> => {
    child.kill();
    await ended;
  };
  return { url, stop };
}

const RANGES = ['1m', '2m30s', '5m', '47s', '10m'] as const;
const SHIFTS = ['', '', '', '', ' offset 1m', ' offset -90s', ' @ end()', ` @ ${START_MS / 1000 + 900.003}`] as const;
const SELECTORS = [
  'c_total',
  'd_total',
  'g',
  'o',
  'i_info',
  'h_bucket',
  'c_total{job="a"}',
  'g{job=~"a|b"}',
  '{__name__=~"g|o",instance!="x:1"}',
  'nothing{job="q"}',
] as const;
const OVER_RANGE =
  'rate increase delta irate idelta changes resets deriv avg_over_time sum_over_time min_over_time max_over_time count_over_time last_over_time stddev_over_time stdvar_over_time present_over_time absent_over_time'.split(
    ' ',
  );
const OVER_INSTANT =
  'abs ceil floor sgn sqrt exp ln log2 log10 round timestamp absent sort sort_desc deg rad sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh vector(scalar'.split(
    ' ',
  );

const range = (random: () => number, depth: number): string =>
  depth > 1 && random() < 0.3
    ? `(${vector(random, depth - 1)})[${pick(random, ['2m:30s', '5m:1m', '90s:17s', '3m:'])}]${pick(random, SHIFTS)}`
    : `${pick(random, SELECTORS)}[${pick(random, RANGES)}]${pick(random, SHIFTS)}`;

/** A line through an infinite value before and others after the evaluation is infinitely steep; in 2.42 it was NaN. */
const past = (text: string): string => text.replaceAll(' offset -90s', '');

/** A function that is evaluated at every step found the samples of a pinned range at the first only. */
const unpinned = (text: string): string => text.replaceAll(/ @ (?:end\(\)|[\d.]+)/g, '');

function scalar(random: () => number, depth: number): string {
  if (depth <= 0 || random() < 0.6)
    return pick(random, ['1', '0', '-2.5', '0.5', 'time()', 'NaN', 'Inf', '-Inf', '3', '0x1F', '1e3', '0.9']);
  return random() < 0.5
    ? `scalar(${vector(random, depth - 1)})`
    : `(${scalar(random, depth - 1)} ${pick(random, ['+', '-', '*', '/', '%', '^', '== bool', '<= bool', 'atan2'])} ${scalar(random, depth - 1)})`;
}

function vector(random: () => number, depth: number): string {
  if (depth <= 0) return pick(random, SELECTORS) + pick(random, SHIFTS);
  const v = (): string => vector(random, depth - 1);
  const s = (): string => scalar(random, depth - 1);
  const by = pick(random, ['', ' by (job)', ' without (job)', ' by (__name__, le)', ' without (le, instance)']);
  const match = pick(random, [
    '',
    '',
    ' on (job, instance)',
    ' ignoring (code, le)',
    ' on (job) group_left ()',
    ' on (job) group_left (version)',
    ' on (job) group_right ()',
    ' ignoring (le, version, code) group_left ()',
  ]);
  return pick(random, [
    () => `${pick(random, OVER_RANGE)}(${range(random, depth)})`,
    () => `rate(${pick(random, ['c_total', 'd_total', 'h_bucket'])}[${pick(random, RANGES)}])`,
    () => `predict_linear(${past(unpinned(range(random, depth)))}, ${s()})`,
    () => `quantile_over_time(${s()}, ${unpinned(range(random, depth))})`,
    () => `holt_winters(${range(random, depth)}, 0.3, 0.7)`,
    () => `${pick(random, ['sum', 'avg', 'count', 'min', 'max', 'group'])}${by} (${v()})`,
    // The spread of a single NaN or infinity was zero.
    () => `${pick(random, ['stddev', 'stdvar'])}${by} (${pick(random, ['g', 'c_total', 'rate(d_total[5m])'])})`,
    () =>
      `${pick(random, ['d_total', 'g', 'c_total'])} ${pick(random, ['==', '>', '!=', '<', '>='])}${match} ${pick(random, ['d_total', 'g', 'c_total', 'i_info'])}`,
    () => `quantile${by} (${pick(random, ['1', '0.5', '2', '-1'])}, ${v()})`,
    // Over values that differ: which of equals comes first is nobody's promise.
    () =>
      `${pick(random, ['topk', 'bottomk'])}${by} (${pick(random, ['1', '3', '0', '-1'])}, ${pick(random, ['c_total', 'd_total'])})`,
    // Over values as they were written: the last bits of computed ones differ.
    () => `count_values${by} ("value", ${pick(random, ['g', 'o', 'i_info', 'c_total'])})`,
    () => `${v()} ${pick(random, ['+', '-', '*', '/', '%', '^'])}${match} ${v()}`,
    // Without `bool`, 2.42 did not mind several matches of which a comparison left one.
    () => `(${v()}) ${pick(random, ['== bool', '> bool', '!= bool', '<= bool'])}${match} (${v()})`,
    () =>
      `(${v()}) ${pick(random, ['and', 'or', 'unless'])}${pick(random, ['', ' on (job)', ' ignoring (le)'])} (${v()})`,
    () => `(${v()}) ${pick(random, ['+', '*', '/', '^', '%', '<', '>= bool', '==', '!= bool'])} ${s()}`,
    () => `${s()} ${pick(random, ['-', '*', '/', '^', '%', '<', '>= bool', '=='])} (${v()})`,
    () => `-${v()}`,
    () => {
      const name = pick(random, OVER_INSTANT);
      return `${name}(${v()}${name.includes('(') ? '))' : ')'}`;
    },
    () =>
      `${pick(random, ['hour', 'minute', 'month', 'year', 'day_of_week', 'day_of_year', 'days_in_month'])}(timestamp(${v()}) * ${pick(random, ['0.7', '1', '1.3'])})`,
    () => `histogram_quantile(${s()}, ${v()})`,
    () => `histogram_quantile(0.9, sum by (le, job) (rate(h_bucket[${pick(random, RANGES)}])))`,
    () => `clamp${pick(random, ['_min(', '_max('])}${v()}, ${s()})`,
    () => `clamp(${v()}, ${s()}, ${s()})`,
    () => `round(${v()}, ${s()})`,
    () =>
      `label_replace(${v()}, "${pick(random, ['job', 'new', '__name__', 'le'])}", "${pick(random, ['x$1', '', '$2-$1', '${1}y', '$$'])}", "${pick(random, ['job', 'instance', 'no'])}", "${pick(random, ['(.*)', '(.):(.)', '', 'a|b', '(?P<n>.)'])}")`,
    () => `label_join(${v()}, "${pick(random, ['job', 'new'])}", "-", "job", "instance")`,
    () => `vector(${s()})`,
  ])();
}

type Answer = Map<string, readonly (readonly [number, number])[]>;

const number = (text: string): number => Number(text.replace('Inf', 'Infinity'));
const keyOf = (labels: Record<string, string>): string => JSON.stringify(Object.entries(labels).sort());

async function askReal(url: string, text: string, times: readonly number[]): Promise<Answer | string> {
  const [startMs, endMs, stepMs] = times;
  const path = endMs === undefined ? 'query' : 'query_range';
  const body = new URLSearchParams({ query: text });
  if (endMs === undefined) body.set('time', String(startMs! / 1000));
  else {
    body.set('start', String(startMs! / 1000));
    body.set('end', String(endMs / 1000));
    body.set('step', String(stepMs! / 1000));
  }
  const response = await fetch(`${url}/api/v1/${path}`, { method: 'POST', body });
  const answer = (await response.json()) as {
    error?: string;
    data?: { result: { metric: Record<string, string>; value?: [number, string]; values?: [number, string][] }[] };
  };
  if (answer.data === undefined) return `error: ${answer.error}`;
  const entries = answer.data.result.map(({ metric, value, values }) => {
    const points = (values ?? [value!]).map(([s, v]) => [Math.round(s * 1000), number(v)] as const);
    return [keyOf(metric), points] as const;
  });
  return new Map(entries);
}

function ownAnswer(data: QueryData): Answer {
  const out: Answer = new Map();
  if (data.type === 'vector') {
    for (const { labels, value } of data.samples)
      out.set(keyOf(Object.fromEntries(labels)), [[data.timestampMs, value as number]]);
  }
  if (data.type === 'matrix') {
    for (const { labels, timestamps, values } of data.series)
      out.set(
        keyOf(Object.fromEntries(labels)),
        [...timestamps].map((t, i) => [t, values[i]!] as const),
      );
  }
  return out;
}

const engine = createEngine({
  features: {
    experimentalFunctions: true,
    durationExpressions: false,
    extendedRangeSelectors: false,
    binopFillModifiers: false,
  },
});

async function askOwn(store: MemoryStore, text: string, times: readonly number[]): Promise<Answer | string> {
  const own = text.replaceAll('holt_winters', 'double_exponential_smoothing');
  const [startMs, endMs, stepMs] = times;
  try {
    const result =
      endMs === undefined
        ? await engine.instant(store, own, startMs!)
        : await engine.range(store, own, startMs!, endMs, stepMs!);
    return ownAnswer(result.data);
  } catch (error) {
    if (error instanceof ParseError || error instanceof QueryError) return `error: ${error.message}`;
    throw error;
  }
}

function same(a: number, b: number): boolean {
  if (Object.is(a, b) || a === b) return true;

  return Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b));
}

function difference(real: Answer | string, own: Answer | string): string | null {
  if (typeof real === 'string' || typeof own === 'string') {
    if (typeof real === typeof own) return null;
    return `real ${typeof real === 'string' ? real : `${real.size} series`}, own ${typeof own === 'string' ? own : `${own.size} series`}`;
  }
  for (const key of new Set([...real.keys(), ...own.keys()])) {
    const a = new Map(real.get(key));
    const b = new Map(own.get(key));
    for (const t of new Set([...a.keys(), ...b.keys()])) {
      const x = a.get(t);
      const y = b.get(t);
      if (x === undefined || y === undefined || !same(x, y)) return `${key} at ${t}: real ${x}, own ${y}`;
    }
  }
  return null;
}

if (!existsSync(PROMETHEUS)) {
  console.log("promql-beside-prometheus: skipped: Debian's package prometheus is not installed");
} else {
  await withTemporaryFolder(async (folder) => {
    const real = await startPrometheus(folder);
    const store = new MemoryStore();
    let loaded = false;
    const load = async (random: () => number): Promise<void> => {
      loaded = true;
      const all = generate(random);
      for (const { labels, samples } of all) store.add(Labels.from(labels), samples);
      const headers = { 'content-encoding': 'snappy', 'content-type': 'application/x-protobuf' };
      const response = await fetch(`${real.url}/api/v1/write`, { method: 'POST', headers, body: writeRequest(all) });
      if (!response.ok) throw new Error(`remote write: ${response.status} ${await response.text()}`);
    };
    try {
      await timeBox('promql-beside-prometheus', async (random) => {
        if (!loaded) await load(random);
        const text = vector(random, 1 + Math.floor(random() * 3));
        // A power's last bit, which machines differ in, would decide.
        if (/\^|exp|sinh|cosh/.test(text) && /%|sin|cos|tan|round/.test(text)) return;
        const startMs = START_MS + 600_003 + Math.floor(random() * 2400) * 1000;
        const times = random() < 0.5 ? [startMs] : [startMs, startMs + 600_000, pick(random, [15_000, 61_000])];
        const found = difference(await askReal(real.url, text, times), await askOwn(store, text, times));
        if (found !== null) throw new Error(`${text} at ${times.join(' ')}: ${found}`);
      });
    } finally {
      await real.stop();
    }
  });
}
