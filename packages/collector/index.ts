// The collector: receives telemetry, processes it, and hands it to stores and other collectors.
export { type CollectorCheck, checkCollectorConfig } from './check.ts';
export { type CollectorOptions, openCollector } from './collector.ts';
