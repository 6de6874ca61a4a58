/** Everything that one span carries, and the ways from it to its logs and to linked traces. */
import type { ReactNode } from 'react';
import { formatDurationNs } from './trace-duration.ts';
import type { Attribute, Trace, TraceSpan } from './trace-model.ts';

/** Addresses of related things; absent where no data source is set up for them. */
export interface SpanLinks {
  readonly logs: ((trace: Trace, span: TraceSpan) => string) | undefined;
  readonly trace: (traceId: string, spanId: string) => string;
}

export interface SpanDetailsProps {
  readonly span: TraceSpan;
  readonly trace: Trace;
  readonly links: SpanLinks;
}

export function SpanDetails({ span, trace, links }: SpanDetailsProps) {
  return (
    <aside className="span-details" aria-label={`Span ${span.name}`}>
      <h3>{span.name}</h3>
      <p className="span-facts">
        {span.service} · {span.kind} · {formatDurationNs(span.durationNs)} · starts at {formatDurationNs(span.offsetNs)}
      </p>
      {span.status === 'error' && <p className="span-error">{span.statusMessage || 'The span ended in an error.'}</p>}
      {links.logs !== undefined && (
        <p>
          <a className="span-link" href={links.logs(trace, span)}>
            Logs of this span
          </a>
        </p>
      )}
      <Section title="Attributes" count={span.attributes.length}>
        <AttributeTable attributes={span.attributes} />
      </Section>
      {span.events.length > 0 && (
        <Section title="Events" count={span.events.length}>
          {span.events.map((event, i) => (
            <details key={`${event.name}-${i}`} open={event.name === 'exception'}>
              <summary>
                {event.name} <span className="dim">at {formatDurationNs(event.offsetNs)}</span>
              </summary>
              <AttributeTable attributes={event.attributes} />
            </details>
          ))}
        </Section>
      )}
      {span.links.length > 0 && (
        <Section title="Links" count={span.links.length}>
          {span.links.map((link) => (
            <p key={link.traceId + link.spanId}>
              <a className="span-link" href={links.trace(link.traceId, link.spanId)}>
                {link.traceId}
              </a>
            </p>
          ))}
        </Section>
      )}
      <Section title="Resource" count={span.resource.length} closed>
        <AttributeTable attributes={span.resource} />
      </Section>
      <Section title="Span" count={3} closed>
        <AttributeTable
          attributes={[
            { key: 'span id', value: span.spanId },
            { key: 'parent span id', value: span.parentSpanId || 'none' },
            { key: 'scope', value: span.scope || 'none' },
          ]}
        />
      </Section>
    </aside>
  );
}

interface SectionProps {
  readonly title: string;
  readonly count: number;
  readonly closed?: boolean;
  readonly children: ReactNode;
}

function Section({ title, count, closed = false, children }: SectionProps) {
  return (
    <details className="span-section" open={!closed}>
      <summary>
        {title} <span className="dim">{count}</span>
      </summary>
      {children}
    </details>
  );
}

function AttributeTable({ attributes }: { readonly attributes: readonly Attribute[] }) {
  if (attributes.length === 0) return <p className="dim">None.</p>;
  return (
    <table className="attributes">
      <tbody>
        {attributes.map(({ key, value }) => (
          <tr key={key}>
            <th scope="row">{key}</th>
            <td>
              <code>{typeof value === 'object' ? JSON.stringify(value) : String(value)}</code>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
