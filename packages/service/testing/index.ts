/** What tests take from this package. */
export { FakeClock } from './fake-clock.ts';
export { freePort, missingPrograms, type RealServer, startRealServer } from './real-server.ts';
