/** From a span to its logs, by the settings `tracesToLogsV2` of the data source, as Grafana reads them. */
import { parseDurationMs } from '../../model/index.ts';
import { type ExploreState, formatExploreAddress } from '../explore/explore-address.ts';
import type { Trace, TraceSpan } from './trace-model.ts';

export interface TracesToLogs {
  readonly datasourceUid?: string;
  readonly spanStartTimeShift?: string;
  readonly spanEndTimeShift?: string;
  readonly tags?: readonly { readonly key: string; readonly value?: string }[];
  readonly filterByTraceID?: boolean;
  readonly filterBySpanID?: boolean;
  readonly customQuery?: boolean;
  readonly query?: string;
}

/** As Grafana: without settings of its own, these resource attributes become stream labels. */
const TAGS_DEFAULT = [
  { key: 'service.name', value: 'service_name' },
  { key: 'service.namespace', value: 'service_namespace' },
];

/** Address of the span's logs in Explore; undefined when the settings name no data source. */
export function traceToLogsAddress(settings: TracesToLogs, trace: Trace, span: TraceSpan): string | undefined {
  const state = traceToLogs(settings, trace, span);
  return state === undefined ? undefined : formatExploreAddress(state);
}

export function traceToLogs(settings: TracesToLogs, trace: Trace, span: TraceSpan): ExploreState | undefined {
  if (settings.datasourceUid === undefined || settings.datasourceUid === '') return undefined;
  const startMs = trace.startMs + span.offsetNs / 1e6;
  const endMs = startMs + span.durationNs / 1e6;
  return {
    datasource: settings.datasourceUid,
    query: settings.customQuery === true ? customQuery(settings, trace, span) : tagQuery(settings, trace, span),
    range: {
      from: String(Math.floor(startMs + shiftMs(settings.spanStartTimeShift))),
      // A range ends after it begins, however short the span was.
      to: String(Math.ceil(endMs + shiftMs(settings.spanEndTimeShift)) + 1),
    },
  };
}

function customQuery(settings: TracesToLogs, trace: Trace, span: TraceSpan): string {
  return (settings.query ?? '').replace(/\$\{__([^}]+)\}/g, (whole, path: string) => {
    switch (path) {
      case 'tags':
        return selectorParts(settings, span).join(', ');
      case 'span.traceId':
      case 'trace.traceId':
        return trace.traceId;
      case 'span.spanId':
        return span.spanId;
      case 'span.name':
        return span.name;
    }
    const tag = /^span\.tags\["?([^"\]]+)"?\]$/.exec(path)?.[1];
    return tag === undefined ? whole : (tagValue(span, tag) ?? '');
  });
}

function tagQuery(settings: TracesToLogs, trace: Trace, span: TraceSpan): string {
  const parts = [`{${selectorParts(settings, span).join(', ')}}`];
  if (settings.filterByTraceID === true) parts.push(`|= "${trace.traceId}"`);
  if (settings.filterBySpanID === true) parts.push(`|= "${span.spanId}"`);
  return parts.join(' ');
}

function selectorParts({ tags = TAGS_DEFAULT }: TracesToLogs, span: TraceSpan): string[] {
  return tags.flatMap(({ key, value: label }) => {
    const value = tagValue(span, key);
    return value === undefined ? [] : [`${label || key.replace(/[^a-zA-Z0-9_]/g, '_')}=${JSON.stringify(value)}`];
  });
}

function tagValue(span: TraceSpan, key: string): string | undefined {
  const attribute = [...span.attributes, ...span.resource].find((candidate) => candidate.key === key);
  return attribute === undefined ? undefined : String(attribute.value);
}

function shiftMs(text: string | undefined): number {
  if (text === undefined || text === '') return 0;
  const negative = text.startsWith('-');
  const durationMs = parseDurationMs(negative ? text.slice(1) : text) ?? 0;
  return negative ? -durationMs : durationMs;
}
