/** `/federate`: the newest sample of the selected series as an exposition, for another Prometheus to scrape. */
import type { FastifyInstance } from 'fastify';
import { type Labels, METRIC_NAME, quoteGo } from '../model/labels.ts';
import { formatGoG } from '../promql/format.ts';
import type { SeriesSamples } from '../queryable.ts';
import { ApiError } from './api-error.ts';
import { Params } from './params.ts';
import type { ApiSources } from './sources.ts';

/** As far back as a query looks for a sample. */
const LOOKBACK_MS = 5 * 60_000;

const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8; escaping=allow-utf-8';

interface FederatedSample {
  readonly labels: Labels;
  readonly value: number;
  readonly timestampMs: number;
}

export function addFederateRoute(app: FastifyInstance, sources: ApiSources): void {
  app.get('/federate', async (request, reply) => {
    let matcherSets: ReturnType<Params['matcherSets']>;
    try {
      matcherSets = Params.of(request).matcherSets();
    } catch (error) {
      const message =
        error instanceof ApiError ? error.message.replace(/^invalid parameter "match\[\]": /, '') : String(error);
      return reply.code(400).type('text/plain; charset=utf-8').send(`${message}\n`);
    }
    const endMs = sources.nowMs();
    const found = new Map<string, FederatedSample>();
    for (const matchers of matcherSets) {
      const set = await sources.queryable.select(matchers, { startMs: endMs - LOOKBACK_MS, endMs, func: 'series' });
      set.labels.forEach((labels, i) => {
        const newest = newestFloat(set.read(i), endMs);
        if (newest !== undefined) found.set(labels.key, { labels, ...newest });
      });
    }
    return reply.type(CONTENT_TYPE).send(formatFederation([...found.values()], sources.externalLabels()));
  });
}

/** Undefined when there is none in the look-back, when it is a staleness marker, or a native histogram. */
function newestFloat(samples: SeriesSamples, endMs: number): { value: number; timestampMs: number } | undefined {
  let at = samples.to - 1;
  while (at >= samples.from && samples.timestamps[at]! > endMs) at--;
  if (at < samples.from || samples.timestamps[at]! <= endMs - LOOKBACK_MS) return undefined;
  if (samples.stale?.includes(at) || samples.histograms?.[at] !== undefined) return undefined;
  return { value: samples.values[at]!, timestampMs: samples.timestamps[at]! };
}

/** Sorted by name, each name once announced as untyped, because the type is not kept with the sample. */
export function formatFederation(samples: readonly FederatedSample[], externalLabels: Labels): string {
  const lines: string[] = [];
  let announced = '';
  const named = samples.filter(({ labels }) => labels.metricName !== '');
  named.sort((a, b) =>
    a.labels.metricName < b.labels.metricName ? -1 : a.labels.metricName > b.labels.metricName ? 1 : 0,
  );
  for (const { labels, value, timestampMs } of named) {
    const name = labels.metricName;
    if (name !== announced) {
      lines.push(`# TYPE ${isClassic(name) ? name : quoteGo(name)} untyped\n`);
      announced = name;
    }
    lines.push(`${formatSeries(labels, externalLabels)} ${formatGoG(value)} ${timestampMs}\n`);
  }
  return lines.join('');
}

function formatSeries(labels: Labels, externalLabels: Labels): string {
  const name = labels.metricName;
  const parts: string[] = isClassic(name) ? [] : [quoteGo(name)];
  for (const [label, value] of labels) if (label !== METRIC_NAME) parts.push(formatLabel(label, value));
  for (const [label, value] of externalLabels) if (!labels.has(label)) parts.push(formatLabel(label, value));
  // An empty instance keeps the scraping server from adding its own when labels are honoured.
  if (!labels.has('instance')) parts.push('instance=""');
  return `${isClassic(name) ? name : ''}{${parts.join(',')}}`;
}

function formatLabel(name: string, value: string): string {
  const escaped = value.replace(/[\\"\n]/g, (char) => (char === '\n' ? '\\n' : `\\${char}`));
  return `${/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name) ? name : quoteGo(name)}="${escaped}"`;
}

function isClassic(name: string): boolean {
  return /^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name);
}
