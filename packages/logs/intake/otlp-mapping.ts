/** From OTLP to streams and entries, as Loki maps them: the resource identifies the stream, everything else is metadata. */
import {
  type AnyValue,
  type AttributeTable,
  anyValue,
  anyValueText,
  attributeKey,
  idIsZero,
  type LogBatch,
  spanIdBytes,
  spanIdHex,
  traceIdBytes,
  traceIdHex,
  valueText,
} from '@mario/otlp';
import { type Label, type Labels, labelsKey, sanitizeLabelName, sortLabels } from '../logql/labels.ts';
import type { PushEntry, PushStream } from '../store/push.ts';
import { type AttributeRule, actionFor, type OtlpRules } from './otlp-rules.ts';

/** Attributes of attributes of …: deeper ones are kept as text. */
const NESTING_DEPTH_MAX = 8;

/** The stream of a resource that says nothing by which it could be found. */
const unknownService: Labels = [['service_name', 'unknown_service']];

export interface OtlpMappingOptions {
  readonly rules: OtlpRules;
  /** For records that carry no time at all. */
  readonly nowNs: bigint;
}

export function otlpToStreams(batch: LogBatch, options: OtlpMappingOptions): readonly PushStream[] {
  const resources = Array.from({ length: batch.resources.count }, (_, index) =>
    splitAttributes(batch.resources.attributes, index, options.rules.resource),
  );
  const scopes = Array.from({ length: batch.scopes.count }, (_, index) =>
    scopeMetadata(batch, index, options.rules.scope),
  );
  const streams = new Map<string, { labels: Labels; entries: PushEntry[] }>();
  for (let i = 0; i < batch.count; i++) {
    const resource = resources[batch.resource[i]!]!;
    const own = splitAttributes(batch.attributes, i, options.rules.log);
    const named = own.labels.length === 0 ? resource.labels : uniqueLabels([...own.labels, ...resource.labels]);
    const labels = named.length === 0 ? unknownService : named;
    const key = labelsKey(labels);
    let stream = streams.get(key);
    if (stream === undefined) {
      stream = { labels, entries: [] };
      streams.set(key, stream);
    }
    const metadata = [...own.metadata, ...recordMetadata(batch, i), ...scopes[batch.scope[i]!]!, ...resource.metadata];
    stream.entries.push({
      timeNs: recordTime(batch, i, options.nowNs),
      line: valueText(batch.body, i),
      metadata: uniqueLabels(metadata),
    });
  }
  return [...streams.values()];
}

function recordTime(batch: LogBatch, i: number, nowNs: bigint): bigint {
  if (batch.timeNs[i] !== 0n) return BigInt.asIntN(64, batch.timeNs[i]!);
  return batch.observedNs[i] !== 0n ? BigInt.asIntN(64, batch.observedNs[i]!) : nowNs;
}

/** Sorted; the first of several with one name wins, so the nearest to the record stands. Without empty labels. */
function uniqueLabels(labels: readonly Label[]): Labels {
  const unique = new Map<string, Label>();
  // The labels themselves go on, not copies: those of the resource are the same objects for all its records.
  for (const label of labels) if (!unique.has(label[0])) unique.set(label[0], label);
  return sortLabels([...unique.values()]);
}

interface SplitAttributes {
  readonly labels: Labels;
  readonly metadata: readonly Label[];
}

function splitAttributes(table: AttributeTable, owner: number, rules: readonly AttributeRule[]): SplitAttributes {
  const labels: Label[] = [];
  const metadata: Label[] = [];
  const end = table.offsets[owner + 1]!;
  for (let row = table.offsets[owner]!; row < end; row++) {
    const key = attributeKey(table, row);
    const action = rules.length === 0 ? 'structured_metadata' : actionFor(rules, key);
    if (action === 'drop') continue;
    flatten(sanitizeLabelName(key), anyValue(table, row), action === 'index_label' ? labels : metadata, 0);
  }
  return { labels: uniqueLabels(labels.filter(([, value]) => value !== '')), metadata };
}

/** Maps become one label per field, joined by `_`; everything else is its text. */
function flatten(name: string, value: AnyValue, labels: Label[], depth: number): void {
  if (!(value instanceof Map) || depth === NESTING_DEPTH_MAX) {
    labels.push([name, anyValueText(value)]);
    return;
  }
  for (const [field, inner] of value as ReadonlyMap<string, AnyValue>) {
    flatten(`${name}_${sanitizeLabelName(field, false)}`, inner, labels, depth + 1);
  }
}

function scopeMetadata(batch: LogBatch, index: number, rules: readonly AttributeRule[]): readonly Label[] {
  const { scopes, strings } = batch;
  const metadata: Label[] = [...splitAttributes(scopes.attributes, index, rules).metadata];
  const name = strings[scopes.name[index]!]!;
  const version = strings[scopes.version[index]!]!;
  if (name !== '') metadata.push(['scope_name', name]);
  if (version !== '') metadata.push(['scope_version', version]);
  const dropped = scopes.dropped[index]!;
  if (dropped !== 0) metadata.push(['scope_dropped_attributes_count', String(dropped)]);
  return metadata;
}

function recordMetadata(batch: LogBatch, i: number): readonly Label[] {
  const metadata: Label[] = [];
  const observedNs = batch.observedNs[i]!;
  if (observedNs !== 0n) metadata.push(['observed_timestamp', String(observedNs)]);
  const severity = batch.severityNumber[i]!;
  if (severity !== 0) metadata.push(['severity_number', String(severity)]);
  const severityText = batch.strings[batch.severityText[i]!]!;
  if (severityText !== '') metadata.push(['severity_text', severityText]);
  const dropped = batch.droppedAttributes[i]!;
  if (dropped !== 0) metadata.push(['dropped_attributes_count', String(dropped)]);
  const flags = batch.flags[i]!;
  if (flags !== 0) metadata.push(['flags', String(flags)]);
  if (!idIsZero(batch.traceIds, i, traceIdBytes)) metadata.push(['trace_id', traceIdHex(batch.traceIds, i)]);
  if (!idIsZero(batch.spanIds, i, spanIdBytes)) metadata.push(['span_id', spanIdHex(batch.spanIds, i)]);
  return metadata;
}
