/** Gives every server the same remote-write requests, one at a time each, and tells what taking them in has cost. */
import { cpuMs } from './process-usage.ts';
import type { Server, ServerName } from './servers.ts';
import { requestsOf, type WorkloadOptions } from './workload.ts';

export interface FeedReport {
  readonly sampleCount: number;
  readonly cpuMs: Readonly<Partial<Record<ServerName, number>>>;
}

/** Requests made ahead of the slowest server. */
const AHEAD_MAX = 16;

export async function feed(servers: readonly Server[], options: WorkloadOptions): Promise<FeedReport> {
  const before = servers.map(({ pid }) => cpuMs(pid));
  const lanes: Promise<void>[] = servers.map(() => Promise.resolve());
  const marks: Promise<unknown>[] = [];
  let sampleCount = 0;
  for (const request of requestsOf(options)) {
    sampleCount += request.sampleCount;
    servers.forEach((server, i) => {
      lanes[i] = lanes[i]!.then(() => post(server, request.body));
      // The rejection is met below, where the lane is awaited.
      lanes[i]!.catch(() => {});
    });
    marks.push(Promise.all(lanes));
    if (marks.length > AHEAD_MAX) await marks.shift();
  }
  await Promise.all(lanes);
  return {
    sampleCount,
    cpuMs: Object.fromEntries(servers.map(({ name, pid }, i) => [name, cpuMs(pid) - before[i]!])),
  };
}

/** One remote-write request; rejects with the server's text when it is refused. */
export async function post(server: Server, body: Uint8Array<ArrayBuffer>): Promise<void> {
  const response = await fetch(`${server.url}/api/v1/write`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' },
    body,
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${server.name} refused a write with ${response.status}: ${text.trim()}`);
}
