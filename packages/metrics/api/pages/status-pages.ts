/** The pages that a person sees who opens the metrics port in a browser. */
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { InstantSample, MatrixSeries, QueryData } from '../../promql/index.ts';
import { formatHistogram, formatSample, goDuration, goTime } from '../go-json.ts';
import type { ApiSources, NamedCount, RuleState, TargetsState } from '../sources.ts';
import { EMPTY, type Html, html } from './html.ts';
import { page } from './layout.ts';

/** A page is for people; the API has the rest. */
const ROWS_MAX = 1_000;

/** Queries typed into the page get this long. */
const QUERY_TIMEOUT_MS = 30_000;

export function addStatusPages(app: FastifyInstance, sources: ApiSources): void {
  const send = (reply: FastifyReply, path: string, title: string, body: Html) =>
    reply
      .type('text/html; charset=utf-8')
      .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'")
      .send(page(path, title, body));

  app.get('/', async (_request, reply) => reply.redirect('/query'));
  // The links of alerts lead to the first panel of the real server's graph page.
  for (const old of ['/graph', '/graph/', '/classic/graph']) {
    app.get<{ Querystring: Record<string, string> }>(old, async (request, reply) => {
      const expr = request.query['g0.expr'];
      return reply.redirect(expr === undefined ? '/query' : `/query?expr=${encodeURIComponent(expr)}`);
    });
  }
  app.get<{ Querystring: Record<string, string> }>('/query', async (request, reply) =>
    send(reply, '/query', 'Query', await queryPage(sources, request.query.expr ?? request.query['g0.expr'] ?? '')),
  );
  app.get('/targets', async (_request, reply) => send(reply, '/targets', 'Targets', targetsPage(sources)));
  app.get('/service-discovery', async (_request, reply) =>
    send(reply, '/service-discovery', 'Service discovery', discoveryPage(sources.targets())),
  );
  app.get('/rules', async (_request, reply) => send(reply, '/rules', 'Rules', rulesPage(sources, false)));
  app.get('/alerts', async (_request, reply) => send(reply, '/alerts', 'Alerts', rulesPage(sources, true)));
  app.get('/tsdb-status', async (_request, reply) => send(reply, '/tsdb-status', 'Storage', storagePage(sources)));
  app.get('/config', async (_request, reply) =>
    send(reply, '/config', 'Configuration', html`<pre>${sources.status.configYaml()}</pre>`),
  );
  app.get('/flags', async (_request, reply) => {
    const rows = Object.entries(sources.status.flags()).map(
      ([name, value]) => html`<tr><td><code>${name}</code></td><td>${value}</td></tr>`,
    );
    return send(reply, '/flags', 'Flags', table(['Flag', 'Value'], rows));
  });
}

async function queryPage(sources: ApiSources, expr: string): Promise<Html> {
  const form = html`<form action="/query"><textarea name="expr" aria-label="PromQL expression" placeholder="up" autofocus>${expr}</textarea><button>Execute</button></form>`;
  if (expr.trim() === '')
    return html`${form}<p class="dim">A PromQL expression, evaluated now. Charts are in the dashboards' Explore.</p>`;
  try {
    const signal = AbortSignal.timeout(QUERY_TIMEOUT_MS);
    const { data, warnings, infos } = await sources.engine.instant(sources.queryable, expr, sources.nowMs(), {
      signal,
    });
    const notes = [...warnings, ...infos].map((text) => html`<p class="dim">${text}</p>`);
    return html`${form}${notes}${resultTable(data)}`;
  } catch (error) {
    return html`${form}<p class="err">${(error as Error).message}</p>`;
  }
}

function resultTable(data: QueryData): Html {
  switch (data.type) {
    case 'scalar':
      return html`<pre>${formatSample(data.value)}</pre>`;
    case 'string':
      return html`<pre>${data.value}</pre>`;
    case 'matrix': {
      const row = ({ labels, timestamps }: MatrixSeries) =>
        html`<tr><td><code>${labels.toString()}</code></td><td class="n">${timestamps.length}</td></tr>`;
      return table(['Series', 'Samples|n'], data.series.slice(0, ROWS_MAX).map(row));
    }
    case 'vector': {
      const row = ({ labels, value }: InstantSample) => {
        const text = typeof value === 'number' ? formatSample(value) : formatHistogram(value);
        return html`<tr><td><code>${labels.toString()}</code></td><td class="n">${text}</td></tr>`;
      };
      return table(['Series', 'Value|n'], data.samples.slice(0, ROWS_MAX).map(row));
    }
  }
}

function targetsPage(sources: ApiSources): Html {
  const nowMs = sources.nowMs();
  const pools = Map.groupBy(sources.targets().active, ({ scrapePool }) => scrapePool);
  const sections = [...pools].map(([pool, targets]) => {
    const up = targets.filter(({ health }) => health === 'up').length;
    const rows = targets.map(
      (target) => html`<tr>
<td><code>${target.scrapeUrl}</code></td><td class="state ${target.health}">${target.health}</td><td class="labels">${labelList(target.labels)}</td>
<td class="n">${target.lastScrapeMs === 0 ? 'never' : `${((nowMs - target.lastScrapeMs) / 1000).toFixed(1)} s ago`}</td>
<td class="n">${(target.lastScrapeDurationS * 1000).toFixed(1)} ms</td><td class="err">${target.lastError}</td></tr>`,
    );
    return html`<h2>${pool} <span class="dim">${up} of ${targets.length} up</span></h2>${table(['Endpoint', 'State', 'Labels', 'Last scrape|n', 'Duration|n', 'Error'], rows)}`;
  });
  return sections.length > 0
    ? html`${sections}`
    : html`<p class="dim">No targets. They are named in scrape_configs of the configuration.</p>`;
}

function discoveryPage({ active, dropped }: TargetsState): Html {
  const row = (labels: Readonly<Record<string, string>>, target: Html) =>
    html`<tr><td class="labels">${labelList(labels)}</td><td class="labels">${target}</td></tr>`;
  const rows = [
    ...active.map((target) => row(target.discoveredLabels, html`${labelList(target.labels)}`)),
    ...dropped.slice(0, ROWS_MAX).map((target) => row(target.discoveredLabels, html`<span class="dim">dropped</span>`)),
  ];
  return table(['Discovered labels', 'Target labels'], rows);
}

function rulesPage(sources: ApiSources, alertsOnly: boolean): Html {
  const sections = sources.rules().flatMap((group) => {
    const rules = alertsOnly ? group.rules.filter(({ kind }) => kind === 'alerting') : group.rules;
    if (rules.length === 0) return [];
    return [
      html`<h2>${group.name} <span class="dim">${group.file}, every ${goDuration(group.intervalMs)}</span></h2>
${table(
  ['Rule', 'Expression', 'State', 'Last evaluation|n', 'Took|n'],
  rules.map((rule) => ruleRow(rule, sources.nowMs())),
)}`,
    ];
  });
  return sections.length > 0
    ? html`${sections}`
    : html`<p class="dim">No rules. Files with rules are named in rule_files of the configuration.</p>`;
}

function ruleRow(rule: RuleState, nowMs: number): Html {
  const alerts =
    rule.kind === 'alerting'
      ? rule.alerts.map(
          (alert) =>
            html`<div class="labels"><span class="state ${alert.state}">${alert.state}</span> ${labelList(alert.labels)} <span class="dim">since ${goTime(alert.activeAtMs)}</span></div>`,
        )
      : [];
  const state = rule.lastError !== '' ? 'err' : rule.kind === 'alerting' ? rule.state : rule.health;
  return html`<tr><td>${rule.name}${alerts}</td><td><code>${rule.query}</code></td><td class="state ${state}">${state}${rule.lastError === '' ? EMPTY : html`<div>${rule.lastError}</div>`}</td>
<td class="n">${rule.lastEvaluationMs === 0 ? 'never' : `${((nowMs - rule.lastEvaluationMs) / 1000).toFixed(1)} s ago`}</td><td class="n">${(rule.evaluationTimeS * 1000).toFixed(1)} ms</td></tr>`;
}

function storagePage(sources: ApiSources): Html {
  const figures = sources.status.tsdb(20);
  const counts = (title: string, list: readonly NamedCount[]) =>
    html`<h2>${title}</h2>${table(
      ['Name', 'Count|n'],
      list.map(
        ({ name, value }) =>
          html`<tr><td><code>${name}</code></td><td class="n">${value.toLocaleString('en')}</td></tr>`,
      ),
    )}`;
  const { head } = figures;
  const rows = [
    html`<tr><td>Series</td><td class="n">${head.numSeries.toLocaleString('en')}</td></tr>`,
    html`<tr><td>Label pairs</td><td class="n">${head.numLabelPairs.toLocaleString('en')}</td></tr>`,
    html`<tr><td>Chunks</td><td class="n">${head.chunkCount.toLocaleString('en')}</td></tr>`,
    html`<tr><td>Oldest and newest sample</td><td class="n">${goTime(head.minTimeMs)} to ${goTime(head.maxTimeMs)}</td></tr>`,
  ];
  return html`${table(['Head', ''], rows)}
${counts('Series by metric name', figures.seriesCountByMetricName)}
${counts('Values by label name', figures.labelValueCountByLabelName)}
${counts('Series by label pair', figures.seriesCountByLabelValuePair)}`;
}

function labelList(labels: Readonly<Record<string, string>>): Html[] {
  return Object.entries(labels).map(([name, value]) => html`<code>${name}="${value}"</code>`);
}

/** A heading ending in `|n` is that of a column of numbers. */
function table(headings: readonly string[], rows: readonly Html[]): Html {
  if (rows.length === 0) return html`<p class="dim">Nothing here.</p>`;
  const head = headings.map((heading) =>
    heading.endsWith('|n') ? html`<th class="n">${heading.slice(0, -2)}</th>` : html`<th>${heading}</th>`,
  );
  return html`<table><thead><tr>${head}</tr></thead><tbody>${rows}</tbody></table>`;
}
