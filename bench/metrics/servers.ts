/** The three servers under measurement, each on a port and in a folder of its own, started and ended by the benchmark. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export type ServerName = 'mario' | 'prometheus' | 'victoria';

export interface Server {
  readonly name: ServerName;
  readonly url: string;
  readonly pid: number;
  readonly folder: string;
  /** Writes what is in memory into blocks; only where the server can be asked for it. */
  seal(): Promise<void>;
  stop(): Promise<void>;
}

const BINARIES = { prometheus: '/usr/bin/prometheus', victoria: '/usr/bin/victoria-metrics' };
const PORTS: Readonly<Record<ServerName, number>> = { mario: 33_001, prometheus: 33_002, victoria: 33_003 };
/** Far beyond what any of them needs, also on a busy machine. */
const START_TIMEOUT_MS = 60_000;
const START_POLL_MS = 100;
const STOP_TIMEOUT_MS = 30_000;

const running = new Set<ChildProcess>();

/** What of Debian's packages is not there: the comparison runs without it and says so. */
export function missingServers(): ServerName[] {
  return (['prometheus', 'victoria'] as const).filter((name) => !existsSync(BINARIES[name]));
}

/** Starts those that are installed. `scrapeConfigs` is YAML, given the server's name. */
export async function startServers(
  folder: string,
  names: readonly ServerName[],
  scrapeConfigs: (name: ServerName) => string = () => '[]',
): Promise<Server[]> {
  const servers: Server[] = [];
  try {
    for (const name of names) servers.push(await startServer(name, join(folder, name), scrapeConfigs(name)));
    return servers;
  } catch (error) {
    await stopServers(servers);
    throw error;
  }
}

export async function stopServers(servers: readonly Server[]): Promise<void> {
  await Promise.all(servers.map((server) => server.stop()));
}

/** For a benchmark that is interrupted: nothing it started outlives it. */
export function killServers(): void {
  for (const child of running) child.kill('SIGKILL');
}

async function startServer(name: ServerName, folder: string, scrapeConfigs: string): Promise<Server> {
  await mkdir(folder, { recursive: true });
  const config = join(folder, 'prometheus.yml');
  await writeFile(config, `scrape_configs: ${scrapeConfigs}\n`);
  const data = join(folder, 'data');
  await mkdir(data, { recursive: true });
  const child = launch(name, data, config);
  running.add(child);
  child.once('exit', () => running.delete(child));
  const url = `http://127.0.0.1:${PORTS[name]}`;
  const server: Server = {
    name,
    url,
    pid: child.pid!,
    folder: data,
    seal: () => seal(name, child, url),
    stop: () => stop(child),
  };
  await answered(name, child, `${url}${name === 'victoria' ? '/health' : '/-/ready'}`).catch(async (error) => {
    await server.stop();
    throw error;
  });
  return server;
}

function launch(name: ServerName, data: string, config: string): ChildProcess {
  const port = PORTS[name];
  if (name === 'mario') {
    const script = join(import.meta.dirname, 'serve.ts');
    return spawn(process.execPath, [script, String(port), data, config], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
  }
  const args =
    name === 'prometheus'
      ? [
          ...[`--config.file=${config}`, `--storage.tsdb.path=${data}`, `--web.listen-address=127.0.0.1:${port}`],
          ...['--web.enable-remote-write-receiver', '--log.level=error'],
        ]
      : [
          ...[`-storageDataPath=${data}`, `-httpListenAddr=127.0.0.1:${port}`, `-promscrape.config=${config}`],
          // Without the offset a query ends where it is asked to end; caches of results would answer for the engine.
          ...['-retentionPeriod=1', '-search.latencyOffset=0s', '-search.disableCache', '-loggerLevel=ERROR'],
        ];
  return spawn(BINARIES[name], args, { stdio: 'ignore' });
}

async function answered(name: ServerName, child: ChildProcess, url: string): Promise<void> {
  const untilMs = performance.now() + START_TIMEOUT_MS;
  while (performance.now() < untilMs) {
    if (child.exitCode !== null) throw new Error(`${name} ended with code ${child.exitCode} before it answered ${url}`);
    const response = await fetch(url).catch(() => undefined);
    if (response?.ok === true) return;
    await new Promise((resolve) => setTimeout(resolve, START_POLL_MS));
  }
  throw new Error(`${name} did not answer ${url} within ${START_TIMEOUT_MS / 1000} s`);
}

async function seal(name: ServerName, child: ChildProcess, url: string): Promise<void> {
  if (name === 'victoria') await fetch(`${url}/internal/force_flush`);
  if (name !== 'mario') return;
  const done = new Promise((resolve) => child.once('message', resolve));
  child.send('seal');
  await done;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await ended;
  clearTimeout(timer);
}
