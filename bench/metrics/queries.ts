/**
 * The queries of the comparison, asked of all servers in turn, round by round, through HTTP. In its turn a server is asked
 * several times, as a dashboard that refreshes asks: the first answer of a turn, after a pause in which the others worked
 * and had the processors' caches, is told apart from the following ones, whose median is the server's time of the turn.
 * How many follow depends on the query alone, and is the same for all servers.
 */
import type { Server, ServerName } from './servers.ts';
import { median, type Ratio, ratioOf } from './statistics.ts';

export interface QueryCase {
  readonly work: string;
  readonly query: string;
  /** Steps of a range that ends with the data; undefined for an instant query at the end. */
  readonly rangeMs?: number;
  /** How many times faster than the others it is to be. */
  readonly goal: Readonly<Partial<Record<ServerName, number>>>;
}

export interface QueryReport {
  readonly work: string;
  readonly query: string;
  /** The median over all turns. */
  readonly medianMs: Readonly<Partial<Record<ServerName, number>>>;
  /** The same of the first answers of the turns: what figures before 22 November 2026, 23:00, were. */
  readonly firstMs: Readonly<Partial<Record<ServerName, number>>>;
  /** Answers of a turn after its first. */
  readonly following: number;
  /** The other server's time over ours, round by round. */
  readonly ratio: Readonly<Partial<Record<ServerName, Ratio>>>;
  readonly firstRatio: Readonly<Partial<Record<ServerName, Ratio>>>;
  readonly goal: QueryCase['goal'];
  readonly seriesCount: number;
  /** The greatest relative difference between our points and Prometheus' own. */
  readonly differenceMax: number | undefined;
}

const STEPS = 241;
const HOUR_MS = 3_600_000;

export function queryCases(hours: number): readonly QueryCase[] {
  const rangeMs = hours * HOUR_MS;
  const info = 'on (job, instance) group_left (version) target_info';
  return [
    {
      work: 'sum by (l) (rate(m[5m])), 10,000 series',
      query: 'sum by (job) (rate(http_requests_total[5m]))',
      rangeMs,
      goal: { prometheus: 10, victoria: 2 },
    },
    {
      work: 'the same over 100 of the series',
      query: 'sum by (job) (rate(http_requests_total{handler="/api/v1/resource/7"}[5m]))',
      rangeMs,
      goal: { prometheus: 4 },
    },
    {
      work: 'instant over 10,000',
      query: 'sum by (job) (rate(http_requests_total[5m]))',
      goal: { prometheus: 10 },
    },
    {
      work: 'un-aggregated matrix, 1,000 × 241',
      query: 'rate(http_requests_total{job="job-1"}[5m])',
      rangeMs,
      goal: { prometheus: 2 },
    },
    {
      work: 'histogram_quantile, 1,000 × 12 buckets',
      query: 'histogram_quantile(0.99, rate(http_request_duration_seconds_bucket[5m]))',
      rangeMs: HOUR_MS,
      goal: { prometheus: 4 },
    },
    {
      work: 'join with group_left over 10,000',
      query: `sum by (version) (rate(http_requests_total[5m]) * ${info})`,
      rangeMs,
      goal: { prometheus: 4 },
    },
  ];
}

interface Answer {
  readonly elapsedMs: number;
  readonly text: string;
}

/** Answers after the first of a turn: as many as the slowest server gives in a turn's time, within these bounds. */
const FOLLOWING_MIN = 2;
const FOLLOWING_MAX = 5;
const TURN_MS = 3_000;

/** Of one query, by server: a time for each round. */
interface TurnTimes {
  readonly first: number[];
  readonly following: number[];
}

export async function compareQueries(
  servers: readonly Server[],
  cases: readonly QueryCase[],
  endMs: number,
  rounds: number,
): Promise<QueryReport[]> {
  const times = cases.map(
    () => new Map<ServerName, TurnTimes>(servers.map(({ name }) => [name, { first: [], following: [] }])),
  );
  const checks: Awaited<ReturnType<typeof check>>[] = [];
  for (const each of cases) checks.push(await check(servers, each, endMs));
  for (let round = 0; round < rounds; round++) {
    for (const [c, each] of cases.entries()) {
      // Each round begins with another server.
      for (let s = 0; s < servers.length; s++) {
        const server = servers[(s + round) % servers.length]!;
        const { first, following } = times[c]!.get(server.name)!;
        first.push((await ask(server, each, endMs)).elapsedMs);
        const turn: number[] = [];
        while (turn.length < checks[c]!.following) turn.push((await ask(server, each, endMs)).elapsedMs);
        following.push(median(turn));
      }
    }
  }
  return cases.map(({ work, query, goal }, c) => {
    const by = times[c]!;
    const own = by.get('mario')!;
    const others = servers.filter(({ name }) => name !== 'mario');
    const medians = (kind: keyof TurnTimes) =>
      Object.fromEntries(servers.map(({ name }) => [name, median(by.get(name)![kind])]));
    const ratios = (kind: keyof TurnTimes) =>
      Object.fromEntries(others.map(({ name }) => [name, ratioOf(by.get(name)![kind], own[kind])]));
    return {
      work,
      query,
      goal,
      ...checks[c]!,
      medianMs: medians('following'),
      firstMs: medians('first'),
      ratio: ratios('following'),
      firstRatio: ratios('first'),
    };
  });
}

/** Asks once and reads the whole answer; rejects with the server's text when it is an error. */
export async function ask(server: Server, { query, rangeMs }: QueryCase, endMs: number): Promise<Answer> {
  const params = new URLSearchParams({ query });
  if (rangeMs === undefined) params.set('time', String(endMs / 1000));
  else {
    params.set('start', String((endMs - rangeMs) / 1000));
    params.set('end', String(endMs / 1000));
    params.set('step', String(rangeMs / (STEPS - 1) / 1000));
  }
  // VictoriaMetrics would otherwise answer from its cache of results; the others do not know the parameter.
  params.set('nocache', '1');
  const startMs = performance.now();
  const response = await fetch(`${server.url}/api/v1/query${rangeMs === undefined ? '' : '_range'}?${params}`, {
    headers: { 'accept-encoding': 'identity' },
  });
  const text = await response.text();
  const elapsedMs = performance.now() - startMs;
  if (!response.ok) throw new Error(`${server.name} answered ${response.status} to ${query}: ${text.slice(0, 300)}`);
  return { elapsedMs, text };
}

/** Warms every server up, and holds our answer against Prometheus'. VictoriaMetrics' rate() is defined otherwise. */
async function check(servers: readonly Server[], each: QueryCase, endMs: number) {
  const points = new Map<ServerName, Map<string, string>>();
  let slowestMs = 0;
  for (const server of servers) {
    const { elapsedMs, text } = await ask(server, each, endMs);
    slowestMs = Math.max(slowestMs, elapsedMs);
    points.set(server.name, pointsOf(text));
  }
  const following = Math.max(FOLLOWING_MIN, Math.min(FOLLOWING_MAX, Math.floor(TURN_MS / slowestMs)));
  const own = points.get('mario')!;
  const seriesCount = new Set([...own.keys()].map((key) => key.slice(0, key.lastIndexOf('@')))).size;
  const real = points.get('prometheus');
  if (real === undefined) return { seriesCount, following, differenceMax: undefined };
  if (real.size !== own.size) {
    throw new Error(`${each.query}: ${own.size} points here, ${real.size} from Prometheus`);
  }
  let differenceMax = 0;
  for (const [key, value] of own) {
    const other = real.get(key);
    if (other === undefined) throw new Error(`${each.query}: Prometheus has no point ${key}`);
    if (value === other) continue;
    const difference = Math.abs(Number(value) - Number(other)) / (Math.abs(Number(value)) + Math.abs(Number(other)));
    differenceMax = Math.max(differenceMax, difference);
  }
  return { seriesCount, following, differenceMax };
}

function pointsOf(text: string): Map<string, string> {
  const { data } = JSON.parse(text) as {
    data: {
      result: { metric: Record<string, string>; value?: [number, string]; values?: [number, string][] }[];
    };
  };
  const points = new Map<string, string>();
  for (const { metric, value, values } of data.result) {
    const labels = JSON.stringify(Object.entries(metric).sort(([a], [b]) => (a < b ? -1 : 1)));
    for (const [at, number] of values ?? [value!]) points.set(`${labels}@${at}`, number);
  }
  return points;
}
