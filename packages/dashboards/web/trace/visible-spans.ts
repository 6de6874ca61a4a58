/** Which spans of a trace are shown: without the insides of collapsed ones, and only what a search finds. */
import type { Trace, TraceSpan } from './trace-model.ts';

export interface TraceFilter {
  readonly text: string;
  readonly errorsOnly: boolean;
}

/** Indexes into `trace.spans`, in order. */
export function visibleSpans(trace: Trace, collapsed: ReadonlySet<string>): readonly number[] {
  const visible: number[] = [];
  for (let i = 0; i < trace.spans.length; i++) {
    visible.push(i);
    const span = trace.spans[i]!;
    if (collapsed.has(span.spanId)) i += span.descendants;
  }
  return visible;
}

/** Spans that the filter names; undefined when it names none and everything counts. */
export function matchingSpans(trace: Trace, { text, errorsOnly }: TraceFilter): ReadonlySet<string> | undefined {
  const wanted = text.trim().toLowerCase();
  if (wanted === '' && !errorsOnly) return undefined;
  const matches = (span: TraceSpan) =>
    (!errorsOnly || span.status === 'error') && (wanted === '' || searchText(span).includes(wanted));
  return new Set(trace.spans.filter(matches).map(({ spanId }) => spanId));
}

function searchText(span: TraceSpan): string {
  const attributes = [...span.attributes, ...span.resource].map(({ key, value }) => `${key}=${String(value)}`);
  return [span.name, span.service, span.spanId, span.statusMessage, ...attributes].join('\n').toLowerCase();
}
