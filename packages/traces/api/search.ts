/** Search: which traces match, and what the list of results shows of them. */

import { spanIdHex, traceIdHex } from '@mario/otlp';
import type { ScanRange } from '../store/scan.ts';
import type { TraceStore } from '../store/trace-store.ts';
import type { Field, FieldExpression, PipelineElement, Query } from '../traceql/ast.ts';
import { compilePipeline, type Spanset } from '../traceql/pipeline-evaluator.ts';
import { compileMayMatch } from '../traceql/required-values.ts';
import { durationNs, serviceName, TraceContext } from '../traceql/trace-context.ts';
import { type Json, valueToJson } from './json-value.ts';

export interface SearchOptions {
  readonly range: ScanRange;
  readonly limit: number;
  readonly spansPerSpansetMax: number;
  readonly signal: AbortSignal;
}

export interface SearchMetrics {
  readonly inspectedTraces: number;
  readonly inspectedSpans: number;
}

interface Found {
  readonly startNs: bigint;
  readonly json: Json;
}

const ROOT_NOT_RECEIVED = '<root span not yet received>';

/** The newest matching traces first. The query must have been validated. */
export async function search(
  store: TraceStore,
  query: Query,
  options: SearchOptions,
): Promise<{ readonly traces: readonly Json[]; readonly metrics: SearchMetrics }> {
  const evaluate = compilePipeline(query.pipeline);
  const fields = shownFields(query);
  const mayMatch = compileMayMatch(query);
  const found = new Newest(options.limit);
  let inspectedTraces = 0;
  let inspectedSpans = 0;
  await store.scan({
    range: options.range,
    signal: options.signal,
    ...(mayMatch === undefined ? {} : { mayMatch }),
    enough: (newestMs) => found.isFullOfNewerThan(newestMs),
    visit: (trace) => {
      inspectedTraces++;
      inspectedSpans += trace.spans.length;
      const context = new TraceContext(trace);
      const spansets = evaluate(context);
      if (spansets.length === 0 || !found.wants(context.range.startNs)) return;
      found.add({ startNs: context.range.startNs, json: traceToJson(context, spansets, fields, options) });
    },
  });
  return { traces: found.sorted().map(({ json }) => json), metrics: { inspectedTraces, inspectedSpans } };
}

/** Keeps the traces that started last. */
class Newest {
  readonly #limit: number;
  #found: Found[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  wants(startNs: bigint): boolean {
    return this.#found.length < this.#limit || startNs > this.#found.at(-1)!.startNs;
  }

  add(found: Found): void {
    let at = this.#found.length;
    while (at > 0 && this.#found[at - 1]!.startNs < found.startNs) at--;
    this.#found.splice(at, 0, found);
    if (this.#found.length > this.#limit) this.#found.pop();
  }

  isFullOfNewerThan(timeMs: number): boolean {
    return this.#found.length >= this.#limit && Number(this.#found.at(-1)!.startNs) / 1e6 > timeMs;
  }

  sorted(): readonly Found[] {
    return this.#found;
  }
}

function traceToJson(
  context: TraceContext,
  spansets: readonly Spanset[],
  fields: readonly Field[],
  options: SearchOptions,
): Json {
  const { startNs, endNs } = context.range;
  const spanSets = spansets.map((spanset) => spansetToJson(context, spanset, fields, options.spansPerSpansetMax));
  const durationMs = Number((endNs - startNs) / 1_000_000n);
  return {
    traceID: traceIdHex(context.trace.id, 0),
    rootServiceName: context.rootService ?? ROOT_NOT_RECEIVED,
    ...(context.root < 0 ? { rootTraceName: ROOT_NOT_RECEIVED } : named('rootTraceName', context.rootName ?? '')),
    startTimeUnixNano: String(startNs),
    // As protobuf's JSON form, which leaves zeros out.
    ...(durationMs > 0 ? { durationMs } : {}),
    spanSet: spanSets[0],
    spanSets,
    serviceStats: serviceStats(context),
  };
}

function spansetToJson(context: TraceContext, spanset: Spanset, fields: readonly Field[], spansMax: number): Json {
  const spans = spansMax === 0 ? spanset.spans : spanset.spans.slice(0, spansMax);
  const attributes = spanset.attributes.map(([key, value]) => ({ key, value: valueToJson(value) }));
  return {
    spans: spans.map((span) => spanToJson(context, span, fields)),
    matched: spanset.spans.length,
    ...(attributes.length > 0 ? { attributes } : {}),
  };
}

function spanToJson(context: TraceContext, span: number, fields: readonly Field[]): Json {
  const { batch, row } = context.trace.spans[span]!;
  const attributes: Json[] = [];
  let name: string | undefined;
  for (const field of fields) {
    const value = context.value(field, span);
    if (value === undefined) continue;
    if (field.kind === 'attribute') attributes.push({ key: field.name, value: valueToJson(value) });
    else if (field.intrinsic === 'span:name') name = batch.strings[batch.name[row]!]!;
    else attributes.push({ key: INTRINSIC_LABELS[field.intrinsic] ?? field.intrinsic, value: valueToJson(value) });
  }
  return {
    spanID: spanIdHex(batch.spanIds, row),
    ...named('name', name ?? ''),
    startTimeUnixNano: String(batch.startNs[row]),
    durationNanos: String(durationNs(batch, row)),
    ...(attributes.length > 0 ? { attributes } : {}),
  };
}

const INTRINSIC_LABELS: Readonly<Record<string, string>> = {
  'span:status': 'status',
  'span:statusMessage': 'statusMessage',
  'span:kind': 'kind',
};

/** What a result already says about the trace or the span is not repeated among its attributes. */
const SHOWN_ANYWAY: ReadonlySet<string> = new Set([
  'span:duration',
  'span:id',
  'trace:duration',
  'trace:rootName',
  'trace:rootService',
  'trace:id',
]);

function serviceStats(context: TraceContext): Json {
  const stats: Record<string, { spanCount: number; errorCount?: number }> = {};
  for (const { batch, row } of context.trace.spans) {
    const service = serviceName(batch, row) ?? '';
    const entry = Object.hasOwn(stats, service) ? stats[service]! : (stats[service] = { spanCount: 0 });
    entry.spanCount++;
    if (batch.statusCode[row] === 2) entry.errorCount = (entry.errorCount ?? 0) + 1;
  }
  return stats;
}

function named(key: string, text: string): Json {
  return text === '' ? {} : { [key]: text };
}

/** The fields that the query mentions: results show their values. */
function shownFields(query: Query): readonly Field[] {
  const fields = new Map<string, Field>();
  for (const element of query.pipeline.elements) collectFromElement(element, fields);
  return [...fields.values()];
}

function collectFromElement(element: PipelineElement, into: Map<string, Field>): void {
  switch (element.kind) {
    case 'filter':
    case 'by':
      collectFromField(element.expression, into);
      return;
    case 'spansetOperation':
      collectFromElement(element.left, into);
      collectFromElement(element.right, into);
      return;
    case 'pipeline':
      for (const inner of element.elements) collectFromElement(inner, into);
      return;
    case 'select':
      for (const field of element.fields) collectFromField(field, into);
      return;
    case 'scalarFilter':
      if (element.left.kind === 'aggregate') collectFromElement(element.left, into);
      return;
    case 'aggregate':
      if (element.expression !== undefined) collectFromField(element.expression, into);
      return;
    case 'coalesce':
      return;
  }
}

function collectFromField(expression: FieldExpression, into: Map<string, Field>): void {
  switch (expression.kind) {
    case 'attribute':
      into.set(`${expression.scope}.${expression.name}`, expression);
      return;
    case 'intrinsic':
      if (!SHOWN_ANYWAY.has(expression.intrinsic)) into.set(expression.intrinsic, expression);
      return;
    case 'unary':
      collectFromField(expression.operand, into);
      return;
    case 'binary':
      collectFromField(expression.left, into);
      collectFromField(expression.right, into);
      return;
    case 'static':
      return;
  }
}
