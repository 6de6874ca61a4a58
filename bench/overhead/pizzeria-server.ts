/** One pizzeria in a process of its own, and a client that sends it requests and asks what they cost. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { RawClient, requestBytes } from './raw-client.ts';

export type Mode = 'off' | 'stock' | 'shipped';

export interface Work {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly body?: string;
}

interface Usage {
  readonly cpu: { readonly user: number; readonly system: number };
  readonly rss: number;
}

/** Enough that the server never waits for the client: waking up is the machine's cost, not the server's. */
const CONNECTIONS = 8;

export class PizzeriaServer {
  readonly mode: Mode;
  /** Requests by the work's name, warm-up included. */
  readonly sent = new Map<string, number>();
  readonly #child: ChildProcess;
  readonly #url: URL;
  readonly #clients: readonly RawClient[];

  private constructor(mode: Mode, child: ChildProcess, url: URL) {
    this.mode = mode;
    this.#child = child;
    this.#url = url;
    this.#clients = Array.from({ length: CONNECTIONS }, () => new RawClient(url));
  }

  /** `preload` is the module that sets up the stock telemetry. */
  static async start(mode: Mode, collectorUrl: string, preload: string | undefined): Promise<PizzeriaServer> {
    const child = fork(new URL('../../apps/pizzeria/bench/overhead-child.ts', import.meta.url), [mode], {
      execArgv: preload === undefined ? [] : ['--no-deprecation', '--import', preload],
      env: {
        ...process.env,
        NODE_ENV: 'production',
        OTEL_EXPORTER_OTLP_ENDPOINT: collectorUrl,
        // The same protocol for both, which is the default of both.
        OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
        OTEL_METRICS_EXPORTER: 'otlp',
        OTEL_LOGS_EXPORTER: 'otlp',
        // Asks the addresses of clouds at the start, and waits for them.
        OTEL_NODE_RESOURCE_DETECTORS: 'none',
      },
    });
    const [{ address }] = (await once(child, 'message')) as [{ address: string }];
    return new PizzeriaServer(mode, child, new URL(address));
  }

  /** Sends `requests` and gives the server's processor microseconds for each. */
  async run(work: Work, requests: number): Promise<number> {
    const before = await this.#usage();
    let left = requests;
    const request = requestBytes(this.#url.host, work.method, work.path, work.body);
    const connection = async (client: RawClient) => {
      while (left > 0) {
        left -= 1;
        await client.send(request);
      }
    };
    await Promise.all(this.#clients.map(connection));
    const after = await this.#usage();
    this.sent.set(work.name, (this.sent.get(work.name) ?? 0) + requests);
    return (after.cpu.user - before.cpu.user + after.cpu.system - before.cpu.system) / requests;
  }

  async residentMB(): Promise<number> {
    return (await this.#usage()).rss / 2 ** 20;
  }

  /** What the server's own Prometheus page says of each work. */
  async countedRequests(works: readonly Work[]): Promise<Map<string, number>> {
    const page = await (await fetch(new URL('/api/metrics', this.#url))).text();
    return new Map(
      works.map(({ name, method, path }) => {
        const lines = page.split('\n').filter((line) => line.startsWith('http_server_duration_milliseconds_count{'));
        const own = lines.filter((line) => line.includes(`endpoint="${path}"`) && line.includes(`method="${method}"`));
        return [name, own.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0)];
      }),
    );
  }

  /** Resolves when the server has flushed what it had to tell. Stopping twice is harmless. */
  async stop(): Promise<void> {
    for (const client of this.#clients) client.close();
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exit = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await exit;
  }

  async #usage(): Promise<Usage> {
    this.#child.send('usage');
    const [usage] = (await once(this.#child, 'message')) as [Usage];
    return usage;
  }
}
