/**
 * How long a small write waits, when the server is idle and while the heaviest query runs again and again. Both are
 * measured in turn, slice by slice, so that a change of the machine's mood hits both. In a full run there are 1,200 writes
 * of each; what `--quick` tells of the slowest hundredth is two writes.
 */
import { post } from './feed.ts';
import { ask, type QueryCase } from './queries.ts';
import type { Server, ServerName } from './servers.ts';
import { percentile } from './statistics.ts';
import { encodeLabels, encodeRequest } from './write-request.ts';

export interface LatencyReport {
  readonly name: ServerName;
  readonly writes: number;
  readonly idleP50Ms: number;
  readonly idleP99Ms: number;
  readonly busyP50Ms: number;
  readonly busyP99Ms: number;
  /** How often the query was answered meanwhile: who answers faster is asked more. */
  readonly queries: number;
}

const SERIES = 100;
const PERIOD_MS = 25;
const SLICES = 5;

export async function measureLatency(
  server: Server,
  heaviest: QueryCase,
  endMs: number,
  phaseMs: number,
): Promise<LatencyReport> {
  // The first writes make the series and warm the path up; so does the first query.
  await writeFor(server, phaseMs / 4);
  await ask(server, heaviest, endMs);
  const idle: number[] = [];
  const busy: number[] = [];
  let queries = 0;
  for (let slice = 0; slice < SLICES; slice++) {
    idle.push(...(await writeFor(server, phaseMs / SLICES)));
    let running = true;
    const asked = (async () => {
      for (; running; queries++) await ask(server, heaviest, endMs);
    })();
    busy.push(...(await writeFor(server, phaseMs / SLICES)));
    running = false;
    await asked;
  }
  return {
    name: server.name,
    writes: busy.length,
    idleP50Ms: percentile(idle, 0.5),
    idleP99Ms: percentile(idle, 0.99),
    busyP50Ms: percentile(busy, 0.5),
    busyP99Ms: percentile(busy, 0.99),
    queries,
  };
}

/** Writes at a steady pace whatever the answers take: a sender does not wait for a slow server to be slow again. */
async function writeFor(server: Server, phaseMs: number): Promise<number[]> {
  const labels = Array.from({ length: SERIES }, (_, s) =>
    encodeLabels({ __name__: 'bench_probe_total', job: 'probe', instance: 'probe:1', series: String(s) }),
  );
  const pending: Promise<number>[] = [];
  const startMs = performance.now();
  let last = 0;
  while (performance.now() - startMs < phaseMs) {
    const now = Math.max(Date.now(), last + 1);
    last = now;
    const values = Float64Array.of(now % 1e6);
    pending.push(timed(server, encodeRequest(labels.map((each) => ({ labels: each, timestampsMs: [now], values })))));
    const restMs = startMs + pending.length * PERIOD_MS - performance.now();
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, restMs)));
  }
  return Promise.all(pending);
}

async function timed(server: Server, body: Uint8Array<ArrayBuffer>): Promise<number> {
  const startMs = performance.now();
  // Writes overlap when a server is slow; one that overtakes another makes the earlier one late, which is an answer too.
  await post(server, body).catch((error: Error) => {
    if (!/out of order|duplicate/.test(error.message)) throw error;
  });
  return performance.now() - startMs;
}
