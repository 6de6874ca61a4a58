/** The findings as a table for people. */
import type { MemoryReport } from './active-series.ts';
import type { FeedReport } from './feed.ts';
import type { LatencyReport } from './intake-latency.ts';
import type { QueryReport } from './queries.ts';
import type { ScrapeReport } from './scraping.ts';
import type { ServerName } from './servers.ts';
import type { Ratio } from './statistics.ts';

export interface BenchReport {
  readonly startedAt: string;
  readonly hours: number;
  readonly rounds: number;
  readonly servers: readonly ServerName[];
  readonly feed?: FeedReport;
  readonly queries?: readonly QueryReport[];
  readonly latency?: readonly LatencyReport[];
  readonly sealedBytesPerSample?: Readonly<Partial<Record<ServerName, number>>>;
  readonly scraping?: ScrapeReport;
  readonly memory?: readonly MemoryReport[];
}

type PerServer = Readonly<Partial<Record<ServerName, number>>>;

const COLUMNS = ['work', 'mario', 'Prometheus', 'VictoriaMetrics', 'ratio', 'goal', 'reached'];

/** A Markdown table, which a terminal shows well enough too. */
export function formatReport(report: BenchReport): string {
  const rows = [
    ...(report.queries ?? []).map(queryRow),
    ...(report.scraping === undefined ? [] : [scrapeRow(report.scraping)]),
    ...(report.sealedBytesPerSample === undefined ? [] : [sealedRow(report.sealedBytesPerSample)]),
    ...(report.memory ?? []).flatMap(memoryRows),
    ...(report.latency ?? []).map(latencyRow),
    ...(report.feed === undefined ? [] : [feedRow(report.feed)]),
  ];
  const widths = COLUMNS.map((name, i) => Math.max(name.length, ...rows.map((row) => row[i]!.length)));
  const line = (cells: readonly string[]) => `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |\n`;
  return line(COLUMNS) + line(widths.map((width) => '-'.repeat(width))) + rows.map(line).join('');
}

function queryRow(report: QueryReport): string[] {
  const { work, medianMs, firstMs, ratio, firstRatio, goal, differenceMax } = report;
  const ratios = Object.entries(ratio).map(
    ([name, each]) => `${label(name)} ${times(each)}, first ${firstRatio[name as ServerName]!.median.toFixed(1)} ×`,
  );
  const goals = Object.entries(goal).map(([name, wanted]) => `≥ ${wanted} × ${label(name)}`);
  const missed = Object.entries(goal).some(
    ([name, wanted]) => (ratio[name as ServerName]?.median ?? Infinity) < wanted,
  );
  const apart =
    differenceMax !== undefined && differenceMax > 1e-9 ? `; differs by ${differenceMax.toExponential(1)}` : '';
  return [
    work + apart,
    ...cells(medianMs, (ms, name) => `${ms.toFixed(1)} ms (first ${firstMs[name]!.toFixed(1)})`),
    ratios.join('; '),
    goals.join(', '),
    yes(!missed),
  ];
}

function scrapeRow({ cpuMsPerScrape }: ScrapeReport): string[] {
  const share = share100(cpuMsPerScrape);
  return [
    'scrape and append, CPU for 10,000 series',
    ...cells(cpuMsPerScrape, (ms) => `${ms.toFixed(1)} ms`),
    percent(share),
    '≤ 40 % of Prometheus',
    yes(share === undefined ? undefined : share <= 40),
  ];
}

function sealedRow(bytes: PerServer): string[] {
  const { mario } = bytes;
  return [
    'bytes a sample, sealed',
    ...cells(bytes, (each) => each.toFixed(2)),
    '',
    '≤ 2.0',
    yes(mario === undefined ? undefined : mario <= 2),
  ];
}

function memoryRows({ seriesCount, minutes, residentBytes, peakBytes, intakeCpuMs, sampleCount }: MemoryReport) {
  const what = `${seriesCount.toLocaleString('en')} active series, ${minutes} min`;
  const share = share100(residentBytes);
  const goal = share === undefined ? '' : '≤ Prometheus';
  return [
    [
      `resident memory, ${what}`,
      ...cells(residentBytes, megabytes),
      percent(share),
      goal,
      yes(share === undefined ? undefined : share <= 100),
    ],
    [`peak of it`, ...cells(peakBytes, megabytes), percent(share100(peakBytes)), '', ''],
    [
      `intake CPU of it, a million samples`,
      ...perMillion(intakeCpuMs, sampleCount),
      percent(share100(intakeCpuMs)),
      '',
      '',
    ],
  ];
}

function latencyRow({ name, idleP50Ms, idleP99Ms, busyP50Ms, busyP99Ms, writes, queries }: LatencyReport): string[] {
  const ratio = busyP99Ms / idleP99Ms;
  const text = `p99 ${idleP99Ms.toFixed(1)} → ${busyP99Ms.toFixed(1)} ms (p50 ${idleP50Ms.toFixed(1)} → ${busyP50Ms.toFixed(1)})`;
  const own = name === 'mario';
  return [
    `intake latency, idle → heaviest query (${writes} writes, ${queries} queries)`,
    ...cells({ [name]: 0 }, () => text),
    `${ratio.toFixed(1)} × idle`,
    own ? '≤ 2 × idle' : '',
    own ? yes(ratio <= 2) : '',
  ];
}

function feedRow({ cpuMs, sampleCount }: FeedReport): string[] {
  const what = `remote write, CPU a million samples (${(sampleCount / 1e6).toFixed(1)} M)`;
  return [what, ...perMillion(cpuMs, sampleCount), percent(share100(cpuMs)), '', ''];
}

function perMillion(cpuMs: PerServer, sampleCount: number): string[] {
  return cells(cpuMs, (ms) => `${(ms / 1000 / (sampleCount / 1e6)).toFixed(2)} s`);
}

function cells(values: PerServer, format: (value: number, name: ServerName) => string): string[] {
  return (['mario', 'prometheus', 'victoria'] as const).map((name) => {
    const value = values[name];
    return value === undefined ? '' : format(value, name);
  });
}

function share100(values: PerServer): number | undefined {
  const { mario, prometheus } = values;
  return mario === undefined || prometheus === undefined ? undefined : (100 * mario) / prometheus;
}

function percent(share: number | undefined): string {
  return share === undefined ? '' : `${share.toFixed(0)} % of Prometheus`;
}

function times({ median, min, max }: Ratio): string {
  return `${median.toFixed(1)} × (${min.toFixed(1)}–${max.toFixed(1)})`;
}

function label(name: string): string {
  return name === 'victoria' ? 'VictoriaMetrics' : 'Prometheus';
}

function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(0)} MB`;
}

function yes(reached: boolean | undefined): string {
  return reached === undefined ? '' : reached ? 'yes' : 'no';
}
