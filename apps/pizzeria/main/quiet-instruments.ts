// No telemetry at all: for tests, and for a pizzeria that nobody watches.

import { pino } from 'pino';
import { NO_OBSERVER } from '../application/observer.ts';
import type { Instruments } from './instruments.ts';

export const QUIET_INSTRUMENTS: Instruments = {
  logger: pino({ level: 'silent' }),
  observer: NO_OBSERVER,
  reactions: [],
  measureHttp: async () => {},
  onFunnelStep: () => {},
  watchDatabase: async () => () => {},
  measurePayment: (payment) => payment,
  onCircuit: () => {},
  noteFlag: () => {},
  onMenuLookup: () => {},
};
