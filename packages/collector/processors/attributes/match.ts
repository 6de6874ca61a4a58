// `include` and `exclude`: which records the actions of the attributes processor are for.
import {
  type AnyValue,
  anyValueText,
  attributeText,
  type LogBatch,
  type MetricBatch,
  type Points,
  type SpanBatch,
  SpanKind,
  valueText,
} from '@mario/otlp';
import type { ConfigNode } from '@mario/service';
import { RE2JS, RE2JSSyntaxException } from 're2js';

type TextTest = (text: string) => boolean;

interface PairTest {
  readonly key: string;
  /** Undefined: the key only has to be there. */
  readonly value: TextTest | undefined;
}

/** All that is given must hold; of each list one entry, of attributes and resources every entry. */
export interface Match {
  readonly services: TextTest | undefined;
  readonly resources: readonly PairTest[];
  readonly attributes: readonly PairTest[];
  readonly libraries: readonly { readonly name: TextTest; readonly version: TextTest | undefined }[];
  readonly spanNames: TextTest | undefined;
  readonly spanKinds: readonly string[];
  readonly logBodies: TextTest | undefined;
  readonly logSeverityTexts: TextTest | undefined;
  readonly severityMin: { readonly min: number; readonly matchUndefined: boolean } | undefined;
  readonly metricNames: TextTest | undefined;
}

export function readMatch(node: ConfigNode): Match {
  const fields = node.fields({
    match_type: 'used',
    regexp: 'unused',
    services: 'used',
    resources: 'used',
    attributes: 'used',
    libraries: 'used',
    span_names: 'used',
    span_kinds: 'used',
    log_bodies: 'used',
    log_severity_texts: 'used',
    log_severity_number: 'used',
    metric_names: 'used',
  });
  if (fields.match_type === undefined) node.error('missing required field "match_type"');
  const type = fields.match_type?.oneOf(['strict', 'regexp'] as const) ?? 'strict';
  const texts = (list: ConfigNode | undefined) => (list === undefined ? undefined : anyOf(list.list(), type));
  return {
    services: texts(fields.services),
    resources: readPairs(fields.resources, type),
    attributes: readPairs(fields.attributes, type),
    libraries: (fields.libraries?.list() ?? []).map((item) => {
      const { name, version } = item.fields({ name: 'used', version: 'used' });
      return {
        name: name === undefined ? () => true : textTest(name, type),
        version: version === undefined || version.isNull ? undefined : textTest(version, type),
      };
    }),
    spanNames: texts(fields.span_names),
    spanKinds: (fields.span_kinds?.strings() ?? []).map((kind) => kind.replace(/^SPAN_KIND_/, '').toLowerCase()),
    logBodies: texts(fields.log_bodies),
    logSeverityTexts: texts(fields.log_severity_texts),
    severityMin: readSeverity(fields.log_severity_number),
    metricNames: texts(fields.metric_names),
  };
}

function readPairs(node: ConfigNode | undefined, type: 'strict' | 'regexp'): PairTest[] {
  return (node?.list() ?? []).map((item) => {
    const { key, value } = item.fields({ key: 'used', value: 'used' });
    if (key === undefined) item.error('missing required field "key"');
    return { key: key?.string() ?? '', value: value === undefined || value.isNull ? undefined : textTest(value, type) };
  });
}

function readSeverity(node: ConfigNode | undefined): Match['severityMin'] {
  if (node === undefined) return undefined;
  const fields = node.fields({ min: 'used', match_undefined: 'used' });
  return { min: fields.min?.number() ?? 0, matchUndefined: fields.match_undefined?.boolean() ?? false };
}

function anyOf(items: readonly ConfigNode[], type: 'strict' | 'regexp'): TextTest {
  const tests = items.map((item) => textTest(item, type));
  return (text) => tests.some((test) => test(text));
}

function textTest(node: ConfigNode, type: 'strict' | 'regexp'): TextTest {
  const wanted = node.string() ?? '';
  if (type === 'strict') return (text) => text === wanted;
  try {
    const pattern = RE2JS.compile(wanted);
    return (text) => pattern.matcher(text).find();
  } catch (error) {
    if (!(error instanceof RE2JSSyntaxException)) throw error;
    node.error(error.message);
    return () => false;
  }
}

type Selected = (owner: number, attributes: ReadonlyMap<string, AnyValue>) => boolean;
type Records = SpanBatch | LogBatch | { readonly batch: MetricBatch; readonly points: Points };

/** Tells whether the actions are for a record, given its attributes as they are before the actions. */
export function matcherFor(records: Records, include: Match | undefined, exclude: Match | undefined): Selected {
  if (include === undefined && exclude === undefined) return () => true;
  return (owner, attributes) =>
    (include === undefined || matches(records, owner, attributes, include)) &&
    (exclude === undefined || !matches(records, owner, attributes, exclude));
}

function matches(records: Records, owner: number, attributes: ReadonlyMap<string, AnyValue>, match: Match): boolean {
  return (
    matchesOrigin(records, owner, match) &&
    match.attributes.every(({ key, value }) => {
      const found = attributes.get(key);
      return found !== undefined && (value === undefined || value(anyValueText(found)));
    }) &&
    matchesRecord(records, owner, match)
  );
}

function matchesOrigin(records: Records, owner: number, match: Match): boolean {
  const { services, resources, libraries } = match;
  if (services === undefined && resources.length === 0 && libraries.length === 0) return true;
  const batch = 'points' in records ? records.batch : records;
  const row = 'points' in records ? records.points.metric[owner]! : owner;
  const source = 'points' in records ? records.batch.metrics : records;
  const resource = source.resource[row]!;
  const scope = source.scope[row]!;
  const table = batch.resources.attributes;
  if (services !== undefined && !services(attributeText(table, resource, 'service.name') ?? '')) return false;
  const all = resources.every(({ key, value }) => {
    const found = attributeText(table, resource, key);
    return found !== undefined && (value === undefined || value(found));
  });
  const name = batch.strings[batch.scopes.name[scope]!]!;
  const version = batch.strings[batch.scopes.version[scope]!]!;
  return all && (libraries.length === 0 || libraries.some((l) => l.name(name) && (l.version?.(version) ?? true)));
}

function matchesRecord(records: Records, owner: number, match: Match): boolean {
  if ('points' in records) {
    const { batch, points } = records;
    return match.metricNames?.(batch.strings[batch.metrics.name[points.metric[owner]!]!]!) ?? true;
  }
  if (records.signal === 'traces') {
    const kind = Object.entries(SpanKind).find(([, code]) => code === records.kind[owner])![0];
    return (
      (match.spanNames?.(records.strings[records.name[owner]!]!) ?? true) &&
      (match.spanKinds.length === 0 || match.spanKinds.includes(kind))
    );
  }
  const severity = records.severityNumber[owner]!;
  const { severityMin } = match;
  return (
    (match.logBodies?.(valueText(records.body, owner)) ?? true) &&
    (match.logSeverityTexts?.(records.strings[records.severityText[owner]!]!) ?? true) &&
    (severityMin === undefined || (severity === 0 ? severityMin.matchUndefined : severity >= severityMin.min))
  );
}
