/** Observability for any Node application: five lines of set-up, see README.md. */
export { type BusinessMetrics, businessMetrics } from './business.ts';
export { activeTraceparent, linksToCause } from './causality.ts';
export { type MeasuredPool, measureConnectionPool } from './database/connection-pool.ts';
export { type DatabaseIdentity, instrumentDatabase } from './database/dialect.ts';
export { recordFlagEvaluation } from './feature-flag.ts';
export { endAtFirstByte, type HttpTelemetryOptions, httpTelemetry } from './http/http-telemetry.ts';
export { createLogger, type LoggerOptions } from './logging/logger.ts';
export { Counter, Gauge, Histogram, UpDownCounter } from './metrics/instrument.ts';
export type { InstrumentDefinition, InstrumentKind } from './metrics/instrument-definition.ts';
export { instruments } from './metrics/registry.ts';
export {
  instrumentOperation,
  type Operation,
  type OperationKind,
  recordDomainEvent,
  recordOutcome,
  recordValidationFailure,
} from './operation.ts';
export { type CheckResult, checkEmitted, reference, seriesNames } from './reference.ts';
export { configureTelemetry, type Telemetry, type TelemetryOptions } from './telemetry.ts';
