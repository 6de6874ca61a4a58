/** The floor that every server of the stack stands on. */
export { type Clock, systemClock, type Timer } from './clock.ts';
export { type ReadYamlOptions, readYamlFile, readYamlText } from './configuration/document.ts';
export { parseGoDurationMs, parsePrometheusDurationMs, parseSizeBytes } from './configuration/duration.ts';
export { type ConfigIssue, ConfigIssues, formatIssue, type Place } from './configuration/issues.ts';
export { ConfigNode, type KeyUse } from './configuration/node.ts';
export {
  addMetricsRoute,
  createListener,
  explainListenError,
  type ListenerMetrics,
  type ListenerOptions,
  listen,
  listenerMetrics,
} from './http/listener.ts';
export { findPortHolder, type PortHolder } from './http/port-holder.ts';
export { createLog, type Log, type LogFields, type LogLevel, type LogOptions, silentLog } from './log.ts';
export {
  type Counter,
  type Family,
  type Gauge,
  type Histogram,
  type LabelValues,
  type MetricType,
  OwnMetrics,
  type Sample,
} from './metrics/own-metrics.ts';
export { registerProcessMetrics } from './metrics/process-metrics.ts';
export { type Endpoint, NetworkMap, type Signal } from './network-map.ts';
export { defineError, type ErrorKind, errorKinds, OperatingError } from './operating-error.ts';
export { closeInOrder, closeOnce, type Service, type ServiceContext } from './service.ts';
