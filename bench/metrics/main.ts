/**
 * `mario bench metrics`: the embedded metrics service beside Debian's Prometheus and VictoriaMetrics, with the same data,
 * through HTTP, in one run. Each server has a process, a port (33001 to 33003) and a temporary folder of its own.
 */
import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { compareMemory } from './active-series.ts';
import { sealedBytesPerSample } from './disk-usage.ts';
import { feed } from './feed.ts';
import { measureLatency } from './intake-latency.ts';
import { compareQueries, queryCases } from './queries.ts';
import { type BenchReport, formatReport } from './report.ts';
import { compareScraping } from './scraping.ts';
import { killServers, missingServers, type ServerName, startServers, stopServers } from './servers.ts';

const USAGE = `mario bench metrics [--quick] [--hours N] [--rounds N] [--only PART]… [--million] [--json]
  --quick     two hours of data instead of six, ten minutes of memory instead of an hour
  --hours N   hours of data for the queries
  --rounds N  interleaved rounds of each query (7); in each a server is asked three to six times
  --only PART queries (with latency and bytes), scraping, memory; may be repeated
  --million   also 1,000,000 active series, the embedded service alone
  --json      all numbers instead of a table
`;

const PARTS = ['queries', 'scraping', 'memory'] as const;

interface Options {
  readonly hours: number;
  readonly rounds: number;
  readonly parts: readonly string[];
  readonly scrapeMs: number;
  readonly latencyMs: number;
  readonly memoryMinutes: number;
  readonly million: boolean;
  readonly json: boolean;
}

const TARGETS = 100;
const COUNTERS_PER_TARGET = 100;
const HISTOGRAMS_PER_TARGET = 10;
/** Histograms begin a little before the hour that is asked, so that its first windows are full. */
const HISTOGRAM_SPAN_MS = 75 * 60_000;
const MILLION_MINUTES = 1;

const options = readOptions();
if (options === undefined) process.stdout.write(USAGE);
else await main(options);

function readOptions(): Options | undefined {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      hours: { type: 'string' },
      rounds: { type: 'string', default: '7' },
      only: { type: 'string', multiple: true, default: [...PARTS] },
      million: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const unknown = values.only.find((part) => !PARTS.some((each) => each === part));
  if (unknown !== undefined) throw new Error(`--only ${unknown}: the parts are ${PARTS.join(', ')}`);
  const { quick } = values;
  return {
    hours: positive('hours', values.hours ?? (quick ? '2' : '6')),
    rounds: positive('rounds', values.rounds),
    parts: values.only,
    scrapeMs: quick ? 15_000 : 60_000,
    latencyMs: quick ? 5_000 : 30_000,
    memoryMinutes: quick ? 10 : 60,
    million: values.million,
    json: values.json,
  };
}

function positive(flag: string, text: string): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new Error(`--${flag} must be a number above zero, is ${text}`);
}

async function main(chosen: Options): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'mario-bench-metrics-'));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      killServers();
      rmSync(folder, { recursive: true, force: true });
      process.exit(1);
    });
  }
  const missing = missingServers();
  for (const name of missing) say(`skipped: ${name} is not installed (Debian has it as a package)`);
  const names = (['mario', 'prometheus', 'victoria'] as const).filter((name) => !missing.includes(name));
  let report: BenchReport = {
    startedAt: new Date().toISOString(),
    hours: chosen.hours,
    rounds: chosen.rounds,
    servers: names,
  };
  try {
    if (chosen.parts.includes('scraping')) {
      say('scraping 10,000 series each second');
      const scraping = await compareScraping(join(folder, 'scraping'), names, chosen.scrapeMs);
      report = { ...report, scraping };
    }
    if (chosen.parts.includes('queries')) {
      report = { ...report, ...(await measureQueries(join(folder, 'queries'), names, chosen)) };
    }
    const memory = await measureMemory(folder, names, chosen);
    if (memory.length > 0) report = { ...report, memory };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  process.stdout.write(chosen.json ? `${JSON.stringify(report, null, 2)}\n` : formatReport(report));
}

async function measureQueries(folder: string, names: readonly ServerName[], chosen: Options) {
  const servers = await startServers(folder, names);
  try {
    const endMs = Date.now();
    say(`feeding ${chosen.hours} hours of ${TARGETS * COUNTERS_PER_TARGET} counters and their histograms`);
    const fed = await feed(servers, {
      targets: TARGETS,
      countersPerTarget: COUNTERS_PER_TARGET,
      histogramsPerTarget: HISTOGRAMS_PER_TARGET,
      startMs: endMs - chosen.hours * 3_600_000,
      endMs,
      histogramsFromMs: endMs - HISTOGRAM_SPAN_MS,
    });
    const cases = queryCases(chosen.hours);
    say(`asking ${cases.length} queries, ${chosen.rounds} rounds`);
    const queries = await compareQueries(servers, cases, endMs, chosen.rounds);
    say('latency of intake');
    const latency = [];
    for (const server of servers) latency.push(await measureLatency(server, cases[0]!, endMs, chosen.latencyMs));
    const sealed: Partial<Record<ServerName, number>> = {};
    for (const server of servers) {
      const bytes = await sealedBytesPerSample(server, fed.sampleCount);
      if (bytes !== undefined) sealed[server.name] = bytes;
    }
    return { feed: fed, queries, latency, sealedBytesPerSample: sealed };
  } finally {
    await stopServers(servers);
  }
}

async function measureMemory(folder: string, names: readonly ServerName[], chosen: Options) {
  const reports = [];
  if (chosen.parts.includes('memory')) {
    say(`100,000 active series, ${chosen.memoryMinutes} minutes of samples`);
    reports.push(await compareMemory(join(folder, 'memory'), names, 100_000, chosen.memoryMinutes));
  }
  if (chosen.million) {
    say(`1,000,000 active series, ${MILLION_MINUTES} minutes of samples`);
    reports.push(await compareMemory(join(folder, 'million'), ['mario'], 1_000_000, MILLION_MINUTES));
  }
  return reports;
}

/** Progress goes beside the result. */
function say(text: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${text}\n`);
}
