/** `mario payments`: the payment provider of the simulated world, a service of its own with its own traces. */
import { createLog, explainListenError, systemClock } from '@mario/service';
import { runPaymentProvider } from '@mario/traffic/payments';
import type { Command } from '../command.ts';
import { parseOptions, wholeNumber } from '../options.ts';
import { announceReady, shutdownRequested } from '../supervision/shutdown.ts';
import { COMMON_OPTION_ROWS } from '../usage.ts';

/** Without offset. */
export const PAYMENTS_PORT = 8085;

const PERCENT_DECLINED = '1';
const DECISION_MS = '40';

export const command: Command = {
  options: [
    ['--decline N', `per cent of the cards that are declined (${PERCENT_DECLINED})`],
    ['--decision-ms N', `how long a decision takes on the average (${DECISION_MS})`],
    ['--seed N', 'the same seed declines the same cards (1)'],
    ['OTEL_*', 'environment: where its traces go'],
    ...COMMON_OPTION_ROWS.filter(([flag]) => /--(port-offset|host|log-level)/.test(flag)),
  ],

  async run(args) {
    const { common, own } = parseOptions(args, {
      decline: { type: 'string' },
      'decision-ms': { type: 'string' },
      seed: { type: 'string' },
    });
    const stopped = shutdownRequested();
    const log = createLog({ clock: systemClock, level: common.logLevel }).child({ component: 'payments' });
    const port = PAYMENTS_PORT + common.portOffset;
    const provider = await runPaymentProvider({
      host: common.host,
      port,
      seed: wholeNumber('seed', own.seed ?? '1', 0, 2 ** 31),
      declineShare: wholeNumber('decline', own.decline ?? PERCENT_DECLINED, 0, 100) / 100,
      decisionMs: wholeNumber('decision-ms', own['decision-ms'] ?? DECISION_MS, 1, 60_000),
      log,
    }).catch((error) => {
      throw explainListenError(error, 'the payment provider', common.host, port);
    });
    announceReady({ payments: provider.address });
    log.info('the payment provider answers', { address: provider.address });
    await stopped;
    await provider.close();
    return 0;
  },
};
