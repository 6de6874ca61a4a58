// Time and identity as arguments, so that a test can hold both.

import { randomUUIDv7 } from 'node:crypto';

export interface Clock {
  nowMs(): number;
}

export type NewId = () => string;

export const SYSTEM_CLOCK: Clock = { nowMs: () => Date.now() };

/** Version 7 sorts by time, which keeps the primary keys of both databases compact. */
export const newUuid: NewId = () => randomUUIDv7();
