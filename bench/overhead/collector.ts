/** A collector that only counts what arrives, so that nothing is cheap because it was lost. */
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

export class Collector {
  /** Server spans by name. */
  readonly spans = new Map<string, number>();
  /** Log lines by their text. */
  readonly lines = new Map<string, number>();
  spanCount = 0;
  lineCount = 0;
  pointCount = 0;
  bytes = 0;
  url = '';
  readonly #server: GrpcServer;

  private constructor() {
    this.#server = createGrpcServer({
      methods: new Map([
        [exportPath.traces, (message: Buffer) => this.#take(message, this.#countSpans)],
        [exportPath.logs, (message: Buffer) => this.#take(message, this.#countLines)],
        [exportPath.metrics, (message: Buffer) => this.#take(message, this.#countPoints)],
      ]),
    });
  }

  static async start(): Promise<Collector> {
    const collector = new Collector();
    collector.url = `http://127.0.0.1:${await collector.#server.listen('127.0.0.1', 0)}`;
    return collector;
  }

  stop(): Promise<void> {
    return this.#server.close();
  }

  async #take(message: Buffer, count: (message: Buffer) => void): Promise<Buffer> {
    this.bytes += message.length;
    count(message);
    return Buffer.alloc(0);
  }

  readonly #countSpans = (message: Buffer): void => {
    const batch = decodeSpans(message);
    this.spanCount += batch.count;
    for (let span = 0; span < batch.count; span += 1) {
      if (batch.kind[span] === SpanKind.server) countOne(this.spans, batch.strings[batch.name[span]!]!);
    }
  };

  readonly #countLines = (message: Buffer): void => {
    const { count, body, strings } = decodeLogs(message);
    this.lineCount += count;
    for (let line = 0; line < count; line += 1) {
      if (body.types[line] === ValueType.string) countOne(this.lines, strings[body.payload[line]!]!);
    }
  };

  readonly #countPoints = (message: Buffer): void => {
    this.pointCount += decodeMetrics(message).count;
  };
}

function countOne(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
