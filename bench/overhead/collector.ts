/**
 * A collector that keeps what arrives and counts it afterwards, so that nothing is cheap because it was lost, and nothing
 * dear because the collector worked on the core beside.
 */
import {
  createGrpcServer,
  decodeLogs,
  decodeMetrics,
  decodeSpans,
  exportPath,
  type GrpcServer,
  SpanKind,
  ValueType,
} from '../../packages/otlp/index.ts';

type Signal = keyof typeof exportPath;

export interface Received {
  /** Server spans by name. */
  readonly serverSpans: ReadonlyMap<string, number>;
  /** Log lines by their text. */
  readonly lines: ReadonlyMap<string, number>;
  readonly spanCount: number;
  readonly lineCount: number;
  readonly pointCount: number;
  readonly bytes: number;
}

export class Collector {
  readonly url: string;
  readonly #server: GrpcServer;
  readonly #messages: Readonly<Record<Signal, Buffer[]>>;

  private constructor(url: string, server: GrpcServer, messages: Readonly<Record<Signal, Buffer[]>>) {
    this.url = url;
    this.#server = server;
    this.#messages = messages;
  }

  static async start(): Promise<Collector> {
    const messages: Record<Signal, Buffer[]> = { traces: [], metrics: [], logs: [] };
    const keep = (signal: Signal) => async (message: Buffer) => {
      messages[signal].push(message);
      return Buffer.alloc(0);
    };
    const signals: readonly Signal[] = ['traces', 'metrics', 'logs'];
    const server = createGrpcServer({ methods: new Map(signals.map((signal) => [exportPath[signal], keep(signal)])) });
    const port = await server.listen('127.0.0.1', 0);
    return new Collector(`http://127.0.0.1:${port}`, server, messages);
  }

  stop(): Promise<void> {
    return this.#server.close();
  }

  count(): Received {
    const { traces, logs, metrics } = this.#messages;
    const serverSpans = new Map<string, number>();
    const lines = new Map<string, number>();
    let spanCount = 0;
    let lineCount = 0;
    for (const { count, kind, name, strings } of traces.map(decodeSpans)) {
      spanCount += count;
      for (let i = 0; i < count; i += 1) if (kind[i] === SpanKind.server) countOne(serverSpans, strings[name[i]!]!);
    }
    for (const { count, body, strings } of logs.map(decodeLogs)) {
      lineCount += count;
      for (let i = 0; i < count; i += 1) {
        if (body.types[i] === ValueType.string) countOne(lines, strings[body.payload[i]!]!);
      }
    }
    const pointCount = metrics.reduce((sum, message) => sum + decodeMetrics(message).count, 0);
    const bytes = [...traces, ...logs, ...metrics].reduce((sum, { length }) => sum + length, 0);
    return { serverSpans, lines, spanCount, lineCount, pointCount, bytes };
  }
}

function countOne(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
