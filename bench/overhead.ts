/**
 * What telemetry costs the pizzeria: processor time of the server for each request, bare and as shipped, interleaved.
 * The shipped server exports all three signals to a collector (here one that only reads) with the default settings.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import * as http from 'node:http';
import * as http2 from 'node:http2';
import type { AddressInfo } from 'node:net';

const MODES = ['bare', 'shipped'] as const;
const WARM_UP_REQUESTS = 4_000;
/** Short slices in alternation: what else the machine does then slows both alike, and the ratio is of neighbours. */
const REQUESTS = 500;
const ROUNDS = Number(process.env.ROUNDS ?? 41);

interface Work {
  readonly name: string;
  readonly goal: number;
  readonly method: string;
  readonly path: string;
  readonly body?: string;
}

const WORKS: readonly Work[] = [
  { name: 'menu', goal: 1.5, method: 'GET', path: '/api/menu/' },
  { name: 'order', goal: 1.25, method: 'POST', path: '/api/orders/', body: '{"pizza":"Pizza 3","quantity":2}' },
];

interface Usage {
  readonly cpu: { readonly user: number; readonly system: number };
  readonly rss: number;
}

class Server {
  readonly #child: ChildProcess;
  readonly #url: URL;
  readonly #agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

  private constructor(child: ChildProcess, url: URL) {
    this.#child = child;
    this.#url = url;
  }

  static async start(mode: string, collectorUrl: string): Promise<Server> {
    const child = fork(new URL('../packages/instrumentation/bench/overhead-server.ts', import.meta.url), [mode], {
      env: { ...process.env, NODE_ENV: 'production', OTEL_EXPORTER_OTLP_ENDPOINT: collectorUrl },
    });
    const [{ address }] = (await once(child, 'message')) as [{ address: string }];
    return new Server(child, new URL(address));
  }

  /** Processor microseconds of the server for each of `requests`. */
  async run(work: Work, requests: number): Promise<number> {
    const before = await this.usage();
    for (let i = 0; i < requests; i += 1) await this.#request(work);
    const after = await this.usage();
    return (after.cpu.user - before.cpu.user + after.cpu.system - before.cpu.system) / requests;
  }

  async usage(): Promise<Usage> {
    this.#child.send('usage');
    const [usage] = (await once(this.#child, 'message')) as [Usage];
    return usage;
  }

  stop(): void {
    this.#agent.destroy();
    this.#child.kill();
  }

  #request({ method, path, body }: Work): Promise<void> {
    return new Promise((resolve, reject) => {
      const headers = body === undefined ? {} : { 'content-type': 'application/json', 'content-length': body.length };
      const { hostname, port } = this.#url;
      const request = http.request({ hostname, port, path, method, headers, agent: this.#agent }, (response) => {
        if (response.statusCode! >= 300) reject(new Error(`${path} answered ${response.statusCode}`));
        response.resume();
        response.on('end', resolve);
      });
      request.on('error', reject);
      request.end(body);
    });
  }
}

/** Takes every call and says that all is well. */
async function startCollector(): Promise<http2.Http2Server> {
  const server = http2.createServer();
  server.on('stream', (stream: http2.ServerHttp2Stream) => {
    stream.resume();
    stream.on('end', () => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.end(Buffer.alloc(5));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

async function main(): Promise<void> {
  const collector = await startCollector();
  const url = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
  const servers = await Promise.all(MODES.map((mode) => Server.start(mode, url)));
  try {
    for (const work of WORKS) {
      for (const server of servers) await server.run(work, WARM_UP_REQUESTS);
      const rounds: number[][] = MODES.map(() => []);
      for (let round = 0; round < ROUNDS; round += 1) {
        for (const [at, server] of servers.entries()) rounds[at]!.push(await server.run(work, REQUESTS));
      }
      const [bare, shipped] = rounds.map(median) as [number, number];
      const ratios = rounds[1]!.map((value, at) => value / rounds[0]![at]!).sort((a, b) => a - b);
      const quartiles = [0.25, 0.75].map((share) => ratios[Math.floor(ratios.length * share)]!.toFixed(2));
      const least = Math.min(...rounds[1]!) / Math.min(...rounds[0]!);
      console.log(
        `${work.name}: bare ${bare.toFixed(1)} µs, shipped ${shipped.toFixed(1)} µs a request: ` +
          `${median(ratios).toFixed(2)} times (quartiles ${quartiles.join(' and ')} of ${ROUNDS} rounds, quietest against quietest ${least.toFixed(2)}; goal ${work.goal})`,
      );
    }
    for (const [at, mode] of MODES.entries()) {
      console.log(`${mode}: ${((await servers[at]!.usage()).rss / 2 ** 20).toFixed(0)} MB resident`);
    }
  } finally {
    for (const server of servers) server.stop();
    collector.close();
  }
}

await main();
process.exit(0);
