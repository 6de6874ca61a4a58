/** `mario stack`: the collector, the three stores and the dashboards in this process. */
import { createLog, systemClock } from '@mario/service';
import type { Command } from '../command.ts';
import { parseOptions } from '../options.ts';
import { openStack } from '../stack.ts';
import { announceReady, shutdownRequested } from '../supervision/shutdown.ts';
import { COMMON_OPTION_ROWS } from '../usage.ts';

export const command: Command = {
  options: COMMON_OPTION_ROWS,

  async run(args) {
    const startedMs = performance.now();
    const { common } = parseOptions(args);
    const stopped = shutdownRequested();
    const log = createLog({ clock: systemClock, level: common.logLevel });
    const stack = await openStack({ ...common, clock: systemClock, log });
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(2);
    log.info('the stack is ready', { seconds, ...stack.addresses });
    announceReady(stack.addresses);
    log.info('stopping', { reason: await stopped });
    await stack.close();
    return 0;
  },
};
