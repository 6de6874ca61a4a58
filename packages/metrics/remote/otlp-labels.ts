/** Attributes of OTLP as labels: point, resource and scope, with the names of the target that they come from. */
import { type AttributeTable, attributeKey, attributeText, type MetricBatch, valueText } from '@mario/otlp';
import type { OtlpConfig } from '../config/otlp-config.ts';
import { Labels } from '../model/labels.ts';
import { labelName } from './otlp-names.ts';

const IDENTIFYING = new Set(['service.name', 'service.namespace', 'service.instance.id']);

/** What all series of one resource and scope have in common. */
export interface OriginLabels {
  readonly job: string;
  readonly instance: string;
  /** Promoted resource attributes, scope labels, job and instance. */
  readonly base: ReadonlyMap<string, string>;
}

export function originLabels(batch: MetricBatch, resource: number, scope: number, config: OtlpConfig): OriginLabels {
  const attributes = batch.resources.attributes;
  const base = new Map<string, string>();
  const end = attributes.offsets[resource + 1]!;
  for (let row = attributes.offsets[resource]!; row < end; row++) {
    const key = attributeKey(attributes, row);
    const promoted = config.promoteAllResourceAttributes
      ? !config.ignoreResourceAttributes.includes(key)
      : config.promoteResourceAttributes.includes(key);
    if (promoted) addLabel(base, labelName(key, config), valueText(attributes, row));
  }
  if (config.promoteScopeMetadata) addScope(base, batch, scope, config);
  const name = attributeText(attributes, resource, 'service.name') ?? '';
  const namespace = attributeText(attributes, resource, 'service.namespace') ?? '';
  const job = name !== '' && namespace !== '' ? `${namespace}/${name}` : name;
  const instance = attributeText(attributes, resource, 'service.instance.id') ?? '';
  if (job !== '') base.set('job', job);
  if (instance !== '') base.set('instance', instance);
  return { job, instance, base };
}

function addScope(base: Map<string, string>, batch: MetricBatch, scope: number, config: OtlpConfig): void {
  const { scopes } = batch;
  base.set('otel_scope_name', batch.strings[scopes.name[scope]!]!);
  base.set('otel_scope_version', batch.strings[scopes.version[scope]!]!);
  base.set('otel_scope_schema_url', batch.strings[scopes.schemaUrl[scope]!]!);
  const { attributes } = scopes;
  for (let row = attributes.offsets[scope]!; row < attributes.offsets[scope + 1]!; row++) {
    const name = labelName(`otel_scope_${attributeKey(attributes, row)}`, config);
    base.set(name, valueText(attributes, row));
  }
}

/** Labels of a point without `__name__`; attributes whose names become equal are joined with ";". */
export function pointLabels(
  table: AttributeTable,
  point: number,
  origin: OriginLabels,
  config: OtlpConfig,
): Map<string, string> {
  const own = new Map<string, string>();
  const end = table.offsets[point + 1]!;
  for (let row = table.offsets[point]!; row < end; row++) {
    addLabel(own, labelName(attributeKey(table, row), config), valueText(table, row));
  }
  for (const [name, value] of origin.base)
    if (name === 'job' || name === 'instance' || !own.has(name)) own.set(name, value);
  return own;
}

function addLabel(labels: Map<string, string>, name: string, value: string): void {
  const known = labels.get(name);
  labels.set(name, known === undefined ? value : `${known};${value}`);
}

/**
 * The series that carries the resource's other attributes; undefined when there are none, or nothing tells whose they
 * are.
 */
export function targetInfo(
  batch: MetricBatch,
  resource: number,
  origin: OriginLabels,
  config: OtlpConfig,
): Labels | undefined {
  const { attributes } = batch.resources;
  const labels = new Map<string, string>();
  for (let row = attributes.offsets[resource]!; row < attributes.offsets[resource + 1]!; row++) {
    const key = attributeKey(attributes, row);
    if (IDENTIFYING.has(key) && !config.keepIdentifyingResourceAttributes) continue;
    addLabel(labels, labelName(key, config), valueText(attributes, row));
  }
  if (labels.size === 0 || (origin.job === '' && origin.instance === '')) return undefined;
  if (origin.job !== '') labels.set('job', origin.job);
  if (origin.instance !== '') labels.set('instance', origin.instance);
  labels.set('__name__', 'target_info');
  return Labels.from(labels);
}
