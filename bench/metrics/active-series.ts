/** Memory with many active series: fresh servers take the same samples in, then their resident memory is read. */
import { feed } from './feed.ts';
import { residentBytes } from './process-usage.ts';
import { type ServerName, startServers, stopServers } from './servers.ts';

export interface MemoryReport {
  readonly seriesCount: number;
  readonly sampleCount: number;
  readonly minutes: number;
  readonly residentBytes: Readonly<Partial<Record<ServerName, number>>>;
  readonly peakBytes: Readonly<Partial<Record<ServerName, number>>>;
  readonly intakeCpuMs: Readonly<Partial<Record<ServerName, number>>>;
}

const SERIES_PER_TARGET = 100;

export async function compareMemory(
  folder: string,
  names: readonly ServerName[],
  seriesCount: number,
  minutes: number,
): Promise<MemoryReport> {
  const servers = await startServers(folder, names);
  try {
    const endMs = Date.now();
    const report = await feed(servers, {
      targets: seriesCount / SERIES_PER_TARGET,
      countersPerTarget: SERIES_PER_TARGET - 1,
      histogramsPerTarget: 0,
      startMs: endMs - minutes * 60_000,
      endMs,
      histogramsFromMs: Infinity,
    });
    const usage = servers.map(({ name, pid }) => [name, residentBytes(pid)] as const);
    return {
      seriesCount,
      sampleCount: report.sampleCount,
      minutes,
      residentBytes: Object.fromEntries(usage.map(([name, { now }]) => [name, now])),
      peakBytes: Object.fromEntries(usage.map(([name, { peak }]) => [name, peak])),
      intakeCpuMs: report.cpuMs,
    };
  } finally {
    await stopServers(servers);
  }
}
