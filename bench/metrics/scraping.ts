/**
 * The CPU that scraping and storing 10,000 series costs: one target that all servers scrape each second.
 *
 * Measured is a server that has run for a while, since one scrapes for days. V8 collects all of the heap some 100 and 200 s
 * after the start, to give memory back that the start has used, and then no more while nothing grows: a minute that begins
 * after one minute, as it was measured until now, always had one of these, which is a millisecond for each of its scrapes
 * that later ones do not cost. Figures of before are that much higher.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { cpuMs } from './process-usage.ts';
import { randomFrom } from './random.ts';
import { type ServerName, startServers, stopServers } from './servers.ts';

export interface ScrapeReport {
  readonly seriesCount: number;
  readonly scrapes: Readonly<Partial<Record<ServerName, number>>>;
  readonly cpuMsPerScrape: Readonly<Partial<Record<ServerName, number>>>;
}

const SERIES = 10_000;

/** The second of V8's collections is over after 215 s, on a slow machine too. Shorter measurements warm up as briefly. */
const WARM_UP_RATIO = 4;

export async function compareScraping(
  folder: string,
  names: readonly ServerName[],
  measuredMs: number,
): Promise<ScrapeReport> {
  const exporter = await openExporter();
  const servers = await startServers(folder, names, (name) =>
    JSON.stringify([
      {
        job_name: 'bench',
        scrape_interval: '1s',
        scrape_timeout: '1s',
        metrics_path: `/${name}`,
        static_configs: [{ targets: [`127.0.0.1:${exporter.port}`] }],
      },
    ]),
  );
  try {
    await new Promise((resolve) => setTimeout(resolve, WARM_UP_RATIO * measuredMs));
    const before = servers.map(({ name, pid }) => ({ cpu: cpuMs(pid), scrapes: exporter.scrapes(name) }));
    await new Promise((resolve) => setTimeout(resolve, measuredMs));
    const scrapes: Partial<Record<ServerName, number>> = {};
    const cpuMsPerScrape: Partial<Record<ServerName, number>> = {};
    servers.forEach(({ name, pid }, i) => {
      scrapes[name] = exporter.scrapes(name) - before[i]!.scrapes;
      cpuMsPerScrape[name] = (cpuMs(pid) - before[i]!.cpu) / scrapes[name];
    });
    return { seriesCount: SERIES, scrapes, cpuMsPerScrape };
  } finally {
    await stopServers(servers);
    exporter.close();
  }
}

/** Values change as those of a busy server: half of the counters between two scrapes; the text is made once a second. */
async function openExporter() {
  const random = randomFrom(7);
  const values = Float64Array.from({ length: SERIES }, () => Math.floor(random() * 1e8));
  const heads = Array.from(
    { length: SERIES },
    (_, i) => `http_requests_total{handler="/api/v1/resource/${i >> 3}",code="${200 + (i & 7)}",region="eu-west"} `,
  );
  const counts = new Map<string, number>();
  let text = '';
  let second = 0;
  const server = createServer((request, response) => {
    const name = (request.url ?? '/').slice(1);
    counts.set(name, (counts.get(name) ?? 0) + 1);
    const now = Math.floor(Date.now() / 1000);
    if (now !== second) {
      second = now;
      for (let i = 0; i < SERIES; i++) {
        if (random() < 0.5) values[i]! += i % 10 === 0 ? random() * 100 : Math.floor(random() * 50);
      }
      text = `# TYPE http_requests_total counter\n${heads.map((head, i) => head + values[i]).join('\n')}\n`;
    }
    response.setHeader('content-type', 'text/plain; version=0.0.4').end(text);
  }).listen(0, '127.0.0.1');
  await new Promise<void>((resolve) => server.once('listening', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    scrapes: (name: ServerName) => counts.get(name) ?? 0,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
