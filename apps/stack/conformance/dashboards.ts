/** Real dashboards must load, with every expression parsed by the engine that would answer it. */
import { runDashboardsConformance } from '@mario/dashboards';
import { parseLogql } from '@mario/logs';
import { parseExpr } from '@mario/metrics';
import { parseQuery } from '@mario/traces';
import type { ConformanceReport } from './suites.ts';

export function runDashboards(path: string): Promise<ConformanceReport> {
  return runDashboardsConformance(path, { promql: parseExpr, logql: parseLogql, traceql: parseQuery });
}
