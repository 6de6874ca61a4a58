/** The conformance suites by name; each engine brings its own runner. */

export interface ConformanceFailure {
  readonly case: string;
  readonly expected: unknown;
  readonly actual: unknown;
}

export interface ConformanceReport {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly failures: readonly ConformanceFailure[];
}

export type ConformanceSuite = (path: string) => Promise<ConformanceReport>;

export const SUITES: Readonly<Record<string, ConformanceSuite>> = {
  promql: async (path) => (await import('@mario/metrics')).runPromqlConformance(path),
  openmetrics: async (path) => (await import('@mario/metrics')).runOpenmetricsConformance(path),
  logql: async (path) => (await import('@mario/logs')).runLogqlConformance(path),
  traceql: async (path) => (await import('@mario/traces')).runTraceqlConformance(path),
  dashboards: async (path) => (await import('./dashboards.ts')).runDashboards(path),
  'collector-configs': async (path) => (await import('./configurations.ts')).runConfigurations(path, 'collector'),
  'prometheus-configs': async (path) => (await import('./configurations.ts')).runConfigurations(path, 'prometheus'),
};
