/** `mario traffic`: simulated customers, cooks and drivers against a running pizzeria. */
import { createLog, explainListenError, systemClock } from '@mario/service';
import { type RunningPaymentProvider, startPaymentProvider, startTraffic, type TrafficLog } from '@mario/traffic';
import { type Command, CommandFailure } from '../command.ts';
import { parseOptions, wholeNumber } from '../options.ts';
import { announceReady, shutdownRequested } from '../supervision/shutdown.ts';
import { PIZZERIA_PORT } from './pizzeria.ts';

const ORDERS_PER_MINUTE = '30';

export const command: Command = {
  options: [
    ['--url URL', 'the pizzeria (http://127.0.0.1:8080 plus the port offset)'],
    ['--rate N', `orders a minute (${ORDERS_PER_MINUTE})`],
    ['--speed N', 'the simulated day runs N times as fast (1)'],
    ['--seed N', 'the same seed gives the same customers (1)'],
    ['--payment-port N', 'a payment provider listens there, for a pizzeria with PAYMENT_URL (none)'],
    ['--port-offset N', 'of the running pizzeria (0)'],
  ],

  async run(args) {
    const { common, own } = parseOptions(args, {
      url: { type: 'string' },
      rate: { type: 'string' },
      speed: { type: 'string' },
      seed: { type: 'string' },
      'payment-port': { type: 'string' },
    });
    const baseUrl = String(own.url ?? `http://${common.host}:${PIZZERIA_PORT + common.portOffset}`);
    if (!URL.canParse(baseUrl)) throw new CommandFailure(`--url must be a URL, is ${baseUrl}`, 2);
    const stopped = shutdownRequested();
    const abort = new AbortController();
    const seed = wholeNumber('seed', own.seed ?? '1', 0, 2 ** 31);
    const log = createLog({ clock: systemClock, level: common.logLevel }).child({ component: 'traffic' });
    const payments = await startPayments(own['payment-port'], common.host, seed, log);
    const traffic = startTraffic({
      baseUrl,
      ordersPerMinute: wholeNumber('rate', own.rate ?? ORDERS_PER_MINUTE, 1, 60_000),
      speed: wholeNumber('speed', own.speed ?? '1', 1, 3_600),
      seed,
      log,
      signal: abort.signal,
    });
    announceReady(payments === undefined ? {} : { payments: payments.address });
    await stopped;
    abort.abort();
    await traffic.done;
    await payments?.close();
    return 0;
  },
};

async function startPayments(
  text: unknown,
  host: string,
  seed: number,
  log: TrafficLog,
): Promise<RunningPaymentProvider | undefined> {
  if (text === undefined) return undefined;
  const port = wholeNumber('payment-port', String(text), 1, 65_535);
  try {
    return await startPaymentProvider({ host, port, seed, log });
  } catch (error) {
    throw explainListenError(error, 'the payment provider', host, port);
  }
}
