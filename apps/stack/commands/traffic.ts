/** `mario traffic`: simulated customers, cooks and drivers against a running pizzeria, and a day of faults if asked. */
import { writeFileSync } from 'node:fs';
import { createLog, explainListenError, type Log, systemClock } from '@mario/service';
import {
  formatReport,
  type RunningPaymentProvider,
  runFaultyDay,
  startPaymentProvider,
  startTraffic,
} from '@mario/traffic';
import { type Command, CommandFailure } from '../command.ts';
import { parseOptions, wholeNumber } from '../options.ts';
import { announceReady, shutdownRequested } from '../supervision/shutdown.ts';
import { PIZZERIA_PORT } from './pizzeria.ts';
import { WORLD_FLAGS, WORLD_OPTION_ROWS, type WorldFlags, worldFlags } from './traffic-options.ts';

/** Of the stack beside it, without offset. */
const METRICS_PORT = 9090;

export const command: Command = {
  options: [
    ['--url URL', 'the pizzeria (http://127.0.0.1:8080 plus the port offset)'],
    ...WORLD_OPTION_ROWS,
    ['--once', 'with --faults: ends after the day, with 0 when each alert that should fire fired and none other did'],
    ['--alerts URL', 'with --faults: where the alerts are asked for (the embedded metrics service beside it)'],
    ['--report FILE', 'with --faults: the report of each day, as JSON'],
    ['--payment-port N', 'a payment provider listens there, for a pizzeria with PAYMENT_URL (none)'],
    ['--port-offset N', 'of the running pizzeria (0)'],
    ['BROWSER_OTLP_URL', 'environment: where simulated browsers reach the collector (where the pages say)'],
  ],

  async run(args) {
    const { common, own } = parseOptions(args, {
      url: { type: 'string' },
      ...WORLD_FLAGS,
      once: { type: 'boolean' },
      alerts: { type: 'string' },
      report: { type: 'string' },
      'payment-port': { type: 'string' },
    });
    const baseUrl = urlOf('--url', own.url ?? `http://${common.host}:${PIZZERIA_PORT + common.portOffset}`);
    const alertsUrl = urlOf('--alerts', own.alerts ?? `http://${common.host}:${METRICS_PORT + common.portOffset}`);
    const flags = worldFlags(own);
    const stopped = shutdownRequested();
    const abort = new AbortController();
    const log = createLog({ clock: systemClock, level: common.logLevel }).child({ component: 'traffic' });
    const payments = await startPayments(own['payment-port'], common.host, flags.seed, log);
    // A day of faults begins at midnight, so that the same seed has its rush hours beside the same faults.
    const startMs = flags.faultsSeed === undefined ? undefined : new Date().setHours(0, 0, 0, 0);
    const browserOtlpUrl = process.env.BROWSER_OTLP_URL && urlOf('BROWSER_OTLP_URL', process.env.BROWSER_OTLP_URL);
    const traffic = startTraffic({
      ...{ baseUrl, ...flags, startMs, log, signal: abort.signal },
      ...(browserOtlpUrl && { browserOtlpUrl }),
    });
    announceReady(payments === undefined ? {} : { payments: payments.address });
    const days = daysOfFaults({ baseUrl, alertsUrl, flags, own, log, signal: abort.signal });
    const code = await Promise.race([stopped.then(() => 0), days]);
    abort.abort();
    await traffic.done;
    await payments?.close();
    return code;
  },
};

interface Days {
  readonly baseUrl: string;
  readonly alertsUrl: string;
  readonly flags: WorldFlags;
  readonly own: Readonly<Record<string, string | boolean | undefined>>;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** One day after the other; never resolves without faults. With `--once` gives the exit code after the first. */
async function daysOfFaults({ baseUrl, alertsUrl, flags, own, log, signal }: Days): Promise<number> {
  const { faultsSeed: seed, speed, login } = flags;
  if (seed === undefined) return new Promise(() => {});
  for (;;) {
    const report = await runFaultyDay({ baseUrl, alertsUrl, seed, speed, login, log, signal });
    process.stdout.write(formatReport(report));
    if (typeof own.report === 'string') writeFileSync(own.report, `${JSON.stringify(report, null, 2)}\n`);
    if (own.once === true || signal.aborted) return report.asExpected ? 0 : 1;
  }
}

function urlOf(name: string, value: string | boolean): string {
  if (typeof value === 'string' && URL.canParse(value)) return value;
  throw new CommandFailure(`${name} must be a URL, is ${String(value)}`, 2);
}

async function startPayments(
  text: unknown,
  host: string,
  seed: number,
  log: Log,
): Promise<RunningPaymentProvider | undefined> {
  if (text === undefined) return undefined;
  const port = wholeNumber('payment-port', String(text), 1, 65_535);
  try {
    return await startPaymentProvider({ host, port, seed, log });
  } catch (error) {
    throw explainListenError(error, 'the payment provider', host, port);
  }
}
