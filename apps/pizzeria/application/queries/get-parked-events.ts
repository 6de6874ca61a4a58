// GetParkedEvents: domain events that were set aside because a reaction to them kept failing.

import { query } from '../operation.ts';
import type { ParkedEvent } from '../session.ts';

/** A list that a person works through; the next ones follow when these are gone. */
const PARKED_LISTED_MAX = 200;

export const GetParkedEvents = query<void, ParkedEvent[]>('GetParkedEventsQuery', {
  handle: (_input, context) => context.outbox.parked(PARKED_LISTED_MAX),
});
