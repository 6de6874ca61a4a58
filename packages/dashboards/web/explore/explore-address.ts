/**
 * What Explore shows, as Grafana writes it into the address: `panes` (schema version 1) and the older `left`, so that
 * links from Grafana, from alerts and from chat messages open here too. Written in the newer form.
 */
import type { RawTimeRange } from '../../model/index.ts';

export interface ExploreState {
  /** Uid of the data source; empty for the default one. */
  readonly datasource: string;
  readonly query: string;
  readonly range: RawTimeRange;
}

export const EXPLORE_DEFAULT: ExploreState = { datasource: '', query: '', range: { from: 'now-1h', to: 'now' } };

interface Pane {
  readonly datasource?: unknown;
  readonly queries?: readonly Readonly<Record<string, unknown>>[];
  readonly range?: { readonly from?: unknown; readonly to?: unknown };
}

/** The state of an address; the default where it holds none or is malformed. */
export function readExploreAddress(search: string): ExploreState {
  const params = new URLSearchParams(search);
  const panes = parseJson(params.get('panes'));
  const left = parseJson(params.get('left'));
  const pane = firstPane(panes) ?? (Array.isArray(left) ? compactPane(left) : (left as Pane | undefined));
  if (pane === undefined || pane === null) return EXPLORE_DEFAULT;
  const query = pane.queries?.[0];
  return {
    datasource: text(pane.datasource) || datasourceOf(query?.datasource),
    query: text(query?.expr) || text(query?.query),
    range: {
      from: time(pane.range?.from, EXPLORE_DEFAULT.range.from),
      to: time(pane.range?.to, EXPLORE_DEFAULT.range.to),
    },
  };
}

/** The address of a state, from the root. */
export function formatExploreAddress(state: ExploreState): string {
  const pane: Pane = {
    datasource: state.datasource,
    // PromQL and LogQL stand in `expr`, TraceQL in `query`; each data source reads its own.
    queries: [{ refId: 'A', datasource: { uid: state.datasource }, expr: state.query, query: state.query }],
    range: state.range,
  };
  return `/explore?${new URLSearchParams({ schemaVersion: '1', panes: JSON.stringify({ a: pane }), orgId: '1' })}`;
}

function firstPane(panes: unknown): Pane | undefined {
  return typeof panes === 'object' && panes !== null ? (Object.values(panes)[0] as Pane | undefined) : undefined;
}

/** `["now-1h","now","uid",{"expr":"up"}]`, the oldest form. */
function compactPane(parts: readonly unknown[]): Pane {
  const [from, to, datasource, ...rest] = parts;
  const queries = rest.filter((part): part is Record<string, unknown> => typeof part === 'object' && part !== null);
  return { datasource, queries, range: { from, to } };
}

function datasourceOf(value: unknown): string {
  return typeof value === 'object' && value !== null ? text((value as { uid?: unknown }).uid) : text(value);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function time(value: unknown, fallback: string): string {
  if (typeof value === 'number') return String(value);
  return text(value) || fallback;
}

function parseJson(source: string | null): unknown {
  try {
    return source === null ? undefined : JSON.parse(source);
  } catch {
    return undefined;
  }
}
