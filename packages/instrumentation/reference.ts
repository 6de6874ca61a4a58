/**
 * The list of every instrument of this package: what it is called, what it counts, under which labels. The page
 * docs/reference/telemetry.md is written from it, and `checkEmitted` holds a running application against it.
 */
import type { Attributes } from '@opentelemetry/api';
import { DataPointType, type MetricData, type ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { businessDefinitions } from './business.ts';
import { connectionPoolDefinitions } from './database/connection-pool.ts';
import { databaseDefinitions } from './database/database-instruments.ts';
import { exportDefinitions } from './export/export-metrics.ts';
import { httpClientDefinitions } from './http/fetch-telemetry.ts';
import { httpServerDefinitions } from './http/http-instruments.ts';
import type { InstrumentDefinition, InstrumentKind } from './metrics/instrument-definition.ts';
import { operationDefinitions } from './operation.ts';
import { type PrometheusType, prometheusName } from './prometheus/names.ts';
import { runtimeDefinitions } from './runtime.ts';

export interface ReferenceSection {
  readonly title: string;
  readonly instruments: readonly InstrumentDefinition[];
}

export const referenceSections: readonly ReferenceSection[] = [
  { title: 'HTTP server', instruments: Object.values(httpServerDefinitions) },
  { title: 'HTTP client', instruments: Object.values(httpClientDefinitions) },
  { title: 'Commands, queries and events', instruments: Object.values(operationDefinitions) },
  { title: 'Business', instruments: Object.values(businessDefinitions) },
  {
    title: 'Database',
    instruments: [...Object.values(databaseDefinitions), ...Object.values(connectionPoolDefinitions)],
  },
  { title: 'Runtime', instruments: Object.values(runtimeDefinitions) },
  { title: 'Export', instruments: Object.values(exportDefinitions) },
];

export const reference: readonly InstrumentDefinition[] = referenceSections.flatMap((section) => section.instruments);

/** The Prometheus type that an instrument becomes on both export paths. */
export function prometheusTypeOf(kind: InstrumentKind): PrometheusType {
  return kind === 'counter' || kind === 'histogram' ? kind : 'gauge';
}

/** The series of an instrument as Prometheus knows them. */
export function seriesNames(definition: InstrumentDefinition): readonly string[] {
  const type = prometheusTypeOf(definition.kind);
  const name = prometheusName(definition.name, definition.unit, type);
  return type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name];
}

export interface CheckResult {
  /** Emitted, and not on the list. */
  readonly unknown: readonly string[];
  /** On the list without a condition, and not emitted. */
  readonly missing: readonly string[];
  /** Emitted otherwise than listed: kind, unit or an attribute that the list does not have. */
  readonly different: readonly string[];
}

/** Holds what was collected against the list, both ways. */
export function checkEmitted(list: readonly InstrumentDefinition[], observed: ResourceMetrics): CheckResult {
  const unknown: string[] = [];
  const different: string[] = [];
  const seen = new Set<string>();
  const byName = new Map(list.map((definition) => [definition.name, definition]));
  for (const metric of observed.scopeMetrics.flatMap((scope) => scope.metrics)) {
    const { name } = metric.descriptor;
    const definition = byName.get(name);
    if (metric.dataPoints.length > 0) seen.add(name);
    if (definition === undefined) unknown.push(name);
    else different.push(...differences(definition, metric));
  }
  const missing = list.filter(({ name, conditional }) => conditional === undefined && !seen.has(name));
  return { unknown, missing: missing.map(({ name }) => name), different };
}

function differences(definition: InstrumentDefinition, metric: MetricData): string[] {
  const { name, unit } = metric.descriptor;
  const found: string[] = [];
  if (unit !== definition.unit) found.push(`${name} has the unit ${unit} and not ${definition.unit}`);
  const kind = kindOf(metric);
  if (kind !== definition.kind) found.push(`${name} is a ${kind} and not a ${definition.kind}`);
  const points: readonly { readonly attributes: Attributes }[] = metric.dataPoints;
  const keys = new Set(points.flatMap((point) => Object.keys(point.attributes)));
  for (const key of keys) {
    if (!(key in definition.attributes) && key !== 'otel.metric.overflow')
      found.push(`${name} has the attribute ${key}`);
  }
  return found;
}

function kindOf(metric: MetricData): InstrumentKind {
  if (metric.dataPointType === DataPointType.SUM) return metric.isMonotonic ? 'counter' : 'upDownCounter';
  return metric.dataPointType === DataPointType.GAUGE ? 'gauge' : 'histogram';
}
