// ReplayParkedEvent: a person has mended what failed; the event is offered to its reactions again.

import { requireRule } from '../../domain/business-rule.ts';
import { command } from '../operation.ts';

export const ReplayParkedEvent = command<{ readonly position: number }, void>('ReplayParkedEventCommand', {
  async handle({ position }, context) {
    const replayed = await context.outbox.replay(position, context.nowMs);
    requireRule(replayed, 'event-parked', `No event is parked at position ${position}; it may have been replayed.`);
  },
});
