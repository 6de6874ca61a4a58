/** What tests take from this package. */
export { FakeClock } from './fake-clock.ts';
