/** `mario up`: the stack, the pizzeria, its payment provider and the traffic, each in a process of its own, watched. */
import { createLog, type LogLevel, systemClock } from '@mario/service';
import type { Command } from '../command.ts';
import { CommandFailure } from '../command.ts';
import { type CommonOptions, formatOptions, parseOptions } from '../options.ts';
import { SupervisedChild } from '../supervision/child.ts';
import { shutdownRequested } from '../supervision/shutdown.ts';
import { COMMON_OPTION_ROWS } from '../usage.ts';
import { formatWelcome } from '../welcome.ts';
import { PAYMENTS_PORT } from './payments.ts';
import { formatWorldFlags, WORLD_FLAGS, WORLD_OPTION_ROWS, worldFlags } from './traffic-options.ts';

export const command: Command = {
  options: [['--no-traffic', 'without simulated customers'], ...WORLD_OPTION_ROWS, ...COMMON_OPTION_ROWS],

  async run(args) {
    const startedMs = performance.now();
    const { common, own } = parseOptions(args, { 'no-traffic': { type: 'boolean' }, ...WORLD_FLAGS });
    const stopped = shutdownRequested();
    const { services, traffic } = createChildren(common, own);
    const all = own['no-traffic'] === true ? services : [...services, traffic];
    try {
      const addresses = await startAll(services, stopped);
      if (addresses !== undefined) {
        process.stdout.write(formatWelcome(addresses, common, (performance.now() - startedMs) / 1000));
        // Customers come when the door is open.
        if (all.includes(traffic)) await traffic.start();
        await stopped;
      }
    } finally {
      // The outside world goes first, then what it visited, then what watched both.
      for (const child of all.toReversed()) await child.stop();
    }
    return 0;
  },
};

interface Children {
  /** In the order of starting. */
  readonly services: readonly SupervisedChild[];
  readonly traffic: SupervisedChild;
}

function createChildren(common: CommonOptions, own: Readonly<Record<string, string | boolean | undefined>>): Children {
  // What cannot be is refused here, before anything runs.
  const { speed, seed } = worldFlags(own);
  const log = createLog({ clock: systemClock, level: common.logLevel });
  const script = process.argv[1]!;
  const environment = telemetryEnvironment(common);
  const child = (name: string, args: readonly string[], more: { env?: NodeJS.ProcessEnv; quiet?: boolean } = {}) =>
    new SupervisedChild({
      name,
      args: [script, name, ...args, ...formatOptions({ ...common, logLevel: quieter(common.logLevel) })],
      env: process.env,
      log,
      ...more,
    });
  return {
    services: [
      child('stack', []),
      // Without customers the world runs as fast as the clock on the wall.
      child('pizzeria', own['no-traffic'] === true ? [] : ['--speed', String(speed)], {
        env: { PAYMENT_URL: `http://${urlHost(common.host)}:${PAYMENTS_PORT + common.portOffset}`, ...environment },
        quiet: true,
      }),
      // Whoever brings a payment provider needs none of ours.
      ...(process.env.PAYMENT_URL ? [] : [child('payments', ['--seed', String(seed)], { env: environment })]),
    ],
    traffic: child('traffic', formatWorldFlags(own), { env: staffEnvironment(own.login) }),
  };
}

/** The list of addresses is what a user wants to see; each process alone would announce itself as well. */
function quieter(level: LogLevel): LogLevel {
  return level === 'info' ? 'warn' : level;
}

/** Where the pizzeria asks who works there, the simulated staff has a login: one's own, or the one of the demonstration. */
function staffEnvironment(login: string | boolean | undefined): NodeJS.ProcessEnv {
  const { MARIO_AUTH, MARIO_TRAFFIC_SECRET } = process.env;
  const known = MARIO_TRAFFIC_SECRET || (MARIO_AUTH === 'required' ? 'traffic' : undefined);
  const staff = typeof login === 'string' ? login : known && `traffic:${known}`;
  return { ...process.env, ...(staff && { MARIO_LOGIN: staff }) };
}

/** Telemetry goes to the stack beside it, metrics as often as they are scraped, unless the user said otherwise. */
function telemetryEnvironment({ host, portOffset }: CommonOptions): NodeJS.ProcessEnv {
  const port = process.env.OTEL_EXPORTER_OTLP_PROTOCOL === 'grpc' ? 4317 : 4318;
  return {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://${urlHost(host)}:${port + portOffset}`,
    OTEL_METRIC_EXPORT_INTERVAL: '15000',
    BROWSER_OTLP_URL: `http://${urlHost(host)}:${4318 + portOffset}`,
    DASHBOARDS_URL: `http://${urlHost(host)}:${3001 + portOffset}`,
    ...process.env,
  };
}

/** Addresses of all services, or undefined when the word to stop came first. */
async function startAll(
  children: readonly SupervisedChild[],
  stopped: Promise<string>,
): Promise<Readonly<Record<string, string>> | undefined> {
  const ready = Promise.all(children.map((child) => child.start()));
  try {
    const result = await Promise.race([ready, stopped.then(() => undefined)]);
    return result === undefined ? undefined : Object.assign({}, ...result);
  } catch (error) {
    // The child has told the reason on its own line.
    throw new CommandFailure(`${(error as Error).message}; nothing is left running`);
  } finally {
    ready.catch(() => {});
  }
}

/** An address to connect to: a server that listens everywhere is reached on loopback. */
function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
