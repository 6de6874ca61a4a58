/** The traces engine: a durable store, TraceQL, and Tempo's HTTP API. */

export { checkTempoConfig } from './config/tempo-config.ts';
export { type ConformanceFailure, type ConformanceResult, runTraceqlConformance } from './traceql/conformance.ts';
export { parseQuery, print, type Query, QueryError } from './traceql/index.ts';
export { openTraces, type TracesOptions, type TracesService } from './traces.ts';
