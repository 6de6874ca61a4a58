/** The store of logs: Loki's API, LogQL, OTLP and push intake over a durable store. */

export { defaultLokiConfig, type LokiConfig, parseLokiConfig, readLokiConfig } from './config/loki-config.ts';
export { type ConformanceReport, runLogqlConformance } from './conformance/run-conformance.ts';
export { parseLogql } from './logql/parser.ts';
export { printLogql } from './logql/print.ts';
export { ParseError, QueryError } from './logql/query-error.ts';
export { type LogsOptions, type LogsService, openLogs } from './open-logs.ts';
