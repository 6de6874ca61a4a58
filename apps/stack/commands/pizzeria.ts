/** `mario pizzeria`: the application alone, with its telemetry. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { identitySettings, runPizzeria } from '@mario/pizzeria/run';
import { explainListenError } from '@mario/service';
import type { Command } from '../command.ts';
import { CommandFailure } from '../command.ts';
import { parseOptions, wholeNumber } from '../options.ts';
import { announceReady, shutdownRequested } from '../supervision/shutdown.ts';
import { COMMON_OPTION_ROWS } from '../usage.ts';

/** Without offset; in Compose the container's port. */
export const PIZZERIA_PORT = 8080;

export const command: Command = {
  options: [
    ['DATABASE_URL', 'environment: PostgreSQL instead of SQLite, postgresql://…'],
    ['PAYMENT_URL', 'environment: the payment provider, http://… (without it every card is accepted)'],
    ['--speed N', 'the world around it runs N times as fast: what it promises is as much shorter (1)'],
    ['MARIO_TRAFFIC_SECRET', 'environment: of the simulated staff, instead of the one that the documentation prints'],
    ['MARIO_AUTH', 'environment: open or required: whether the work of the house needs a login (open on loopback)'],
    ['MARIO_*', 'environment: accounts, tokens, OpenID Connect and rate limits: apps/pizzeria/README.md'],
    ['OTEL_*', 'environment: where telemetry goes'],
    ['BROWSER_OTLP_URL', 'environment: where browsers send theirs, http://… of the collector (nowhere)'],
    ['DASHBOARDS_URL', 'environment: where links to panels and queries lead, http://… (nowhere)'],
    ...COMMON_OPTION_ROWS.filter(([flag]) => /--(data|ephemeral|port-offset|host|log-level)/.test(flag)),
  ],

  async run(args) {
    const { common, own } = parseOptions(args, { speed: { type: 'string' } });
    const speed = wholeNumber('speed', own.speed ?? '1', 1, 3_600);
    const environment = readEnvironment(process.env);
    const stopped = shutdownRequested();
    const port = PIZZERIA_PORT + common.portOffset;
    try {
      const pizzeria = await runPizzeria({
        host: common.host,
        port,
        dataDir: common.dataDir === undefined ? ':memory:' : join(common.dataDir, 'pizzeria'),
        databaseUrl: process.env.DATABASE_URL || undefined,
        speed,
        docsDir: docsDirOf(common.configDir),
        ...environment,
      });
      announceReady({ pizzeria: pizzeria.address });
      await stopped;
      await pizzeria.close();
      return 0;
    } catch (error) {
      throw explainListenError(error, 'the pizzeria', common.host, port);
    }
  },
};

/** Beside the configuration, as in the repository and in the image; undefined where only the configuration is. */
function docsDirOf(configDir: string): string | undefined {
  const folder = join(configDir, '..', 'docs');
  return existsSync(join(folder, 'faults')) ? folder : undefined;
}

/** What is wrong with the environment is told in one line. */
function readEnvironment(environment: NodeJS.ProcessEnv) {
  const webAddress = (name: string) => {
    const text = environment[name] || undefined;
    if (text === undefined || /^https?:$/.test(URL.parse(text)?.protocol ?? '')) return text;
    throw new Error(`${name} must be an http:// or https:// address, is ${text}.`);
  };
  try {
    return {
      paymentUrl: webAddress('PAYMENT_URL'),
      browserOtlpUrl: webAddress('BROWSER_OTLP_URL'),
      dashboardsUrl: webAddress('DASHBOARDS_URL'),
      identity: identitySettings(environment),
    };
  } catch (error) {
    throw new CommandFailure((error as Error).message);
  }
}
