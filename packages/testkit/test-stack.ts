/** A whole stack inside a test: nothing on disk, ports of its own, gone when it is closed. */
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type Log, silentLog, systemClock } from '@mario/service';
import { openStack } from '@mario/stack';
import { type FoundTrace, type LogLine, logql, promql, traceql, type Vector } from './asking.ts';

export interface TestStackOptions {
  /** Configuration files in the real tools' formats; those of this repository when absent. */
  readonly configDir?: string;
  /** The stack's own log; silent when absent. */
  readonly log?: Log;
}

export interface TestStack {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT, over gRPC and over HTTP. */
  readonly otlp: { readonly grpc: string; readonly http: string };
  /** Where each service listens, by its name: metrics, traces, logs, collector, dashboards. */
  readonly addresses: Readonly<Record<string, string>>;
  promql(query: string): Promise<readonly Vector[]>;
  logql(query: string): Promise<readonly LogLine[]>;
  traceql(query: string): Promise<readonly FoundTrace[]>;
  close(): Promise<void>;
}

const DEPLOY = join(import.meta.dirname, '..', '..', 'deploy');
const MEMORY_BYTES_MAX = 256 * 1024 * 1024;
const DAY_MS = 86_400_000;

/** Every port of a stack, without offset. */
const PORTS = [4317, 4318, 8888, 8889, 13133, 9090, 3200, 3100, 3001];

/** Offsets below reach into ports that are often taken, above into those that the system gives to clients. */
const OFFSET_MIN = 12_000;
const OFFSET_MAX = 19_000;

/** Resolves when every service answers. Several stacks may run side by side, also in several processes. */
export async function startTestStack(options: TestStackOptions = {}): Promise<TestStack> {
  const portOffset = await freePortOffset(PORTS);
  const stack = await openStack({
    clock: systemClock,
    log: options.log ?? silentLog,
    dataDir: undefined,
    configDir: options.configDir ?? DEPLOY,
    host: '127.0.0.1',
    portOffset,
    retentionMs: DAY_MS,
    diskBytesMax: MEMORY_BYTES_MAX,
    memoryBytesMax: MEMORY_BYTES_MAX,
  });
  const { addresses } = stack;
  return {
    otlp: { grpc: `http://127.0.0.1:${4317 + portOffset}`, http: `http://127.0.0.1:${4318 + portOffset}` },
    addresses,
    promql: (query) => promql(addresses.metrics!, query),
    logql: (query) => logql(addresses.logs!, query),
    traceql: (query) => traceql(addresses.traces!, query),
    close: () => stack.close(),
  };
}

/** An offset at which each of these ports is free just now. */
export async function freePortOffset(ports: readonly number[]): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const offset = OFFSET_MIN + Math.floor(Math.random() * (OFFSET_MAX - OFFSET_MIN));
    const free = await Promise.all(ports.map((port) => isFree(port + offset)));
    if (free.every(Boolean)) return offset;
  }
  throw new Error('no free range of ports was found');
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
