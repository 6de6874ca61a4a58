// The switches of the faults: what goes wrong on purpose, and where one sees it.

import type { FaultState } from '../../faults/switchboard.ts';
import { alertsUrl, exploreUrl } from '../dashboard-links.ts';
import { type Html, html } from '../html.ts';
import type { Page } from '../layout.ts';
import type { Visitor } from '../visitor.ts';
import { moment } from './moment.ts';
import { officeTabs } from './office-tabs.ts';

export interface FaultsView {
  readonly faults: readonly FaultState[];
  readonly visitor: Visitor;
  readonly refusal: string | undefined;
  /** True where each fault has a page of its own. */
  readonly hasGuides: boolean;
}

export function faultsPage({ faults, visitor, refusal, hasGuides }: FaultsView): Page {
  const on = faults.filter((fault) => fault.on).length;
  return {
    title: 'Faults',
    path: '/today',
    styles: ['office.css', 'forms.css', 'checkout.css'],
    scripts: ['local-times.js'],
    body: html`${officeTabs('/manage/faults', visitor)}
<div class="page-head"><h1 class="page-title">Faults</h1>
  <form method="post" action="/manage/faults"><button class="button ghost"${on === 0 ? html` disabled` : ''}>Switch all off</button></form></div>
<p class="lead">What goes wrong on purpose, to see how one finds it. Each is off until somebody switches it on, and ends with the process.</p>
${refusal === undefined ? '' : html`<p class="notice error" role="alert">${refusal}</p>`}
<p role="status">${on === 0 ? 'Nothing is switched on.' : `${on} of ${faults.length} switched on.`}</p>
<ul class="rows two">${faults.map((fault) => card(fault, visitor.dashboardsUrl, hasGuides))}</ul>`,
  };
}

function card(fault: FaultState, dashboardsUrl: string | undefined, hasGuides: boolean): Html {
  const title = `fault-${fault.name}`;
  return html`<li class="panel${fault.on ? ' burning' : ''}" id="${fault.name}" aria-labelledby="${title}">
  <div class="row-head"><h2 id="${title}">${fault.title}</h2><b class="status ${fault.on ? 'cancelled' : 'delivered'}">${fault.on ? 'on' : 'off'}</b></div>
  <p>${fault.description}</p>
  ${fault.on ? since(fault) : ''}
  ${fault.on ? switchOff(fault) : switchOn(fault)}
  ${whereToLook(fault, dashboardsUrl, hasGuides)}
</li>`;
}

function whereToLook(
  { name, title, alert, consequences, dashboard, panel, query }: FaultState,
  base: string | undefined,
  hasGuides: boolean,
): Html {
  const lead = (path: (url: string) => string, text: Html) =>
    base === undefined ? text : html`<a href="${path(base)}">${text}</a>`;
  const also = consequences.length > 0 ? html` <span class="quiet">and perhaps ${consequences.join(', ')}</span>` : '';
  return html`<dl class="pairs">
    <div><dt>Alert</dt><dd>${lead(alertsUrl, html`<code>${alert}</code>`)}${also}</dd></div>
    <div><dt>Dashboard</dt><dd>${lead((url) => url + dashboard, html`panel “${panel}”`)}</dd></div>
    <div><dt>Cause</dt><dd>${lead((url) => exploreUrl(url, query), html`${LANGUAGES[query.language]}`)} <code class="query">${query.text}</code></dd></div>
    <div><dt>More</dt><dd>${hasGuides ? html`<a href="/manage/faults/${name}">${title}: the whole chain</a>` : html`<span class="quiet">docs/faults/${name}.md</span>`}</dd></div>
  </dl>`;
}

const LANGUAGES = { promql: 'PromQL', logql: 'LogQL', traceql: 'TraceQL' } as const;

function since({ sinceMs, untilMs, value, unit }: FaultState): Html {
  const strength = unit === '' ? '' : html`<b>${value} ${unit}</b>, `;
  return html`<p class="quiet">${strength}since ${sinceMs === null ? 'now' : moment(sinceMs)}${untilMs === null ? '' : html`, until ${moment(untilMs)}`}</p>`;
}

function switchOff({ name, title }: FaultState): Html {
  return html`<form method="post" action="/manage/faults/${name}"><input type="hidden" name="on" value="no"><button class="button" aria-label="Switch off: ${title}">Switch off</button></form>`;
}

function switchOn({ name, title, unit, min, max, value }: FaultState): Html {
  const strength = html`<label class="field"><span>Strength, ${unit} <i class="quiet">${min} to ${max}</i></span><input name="value" type="number" min="${min}" max="${max}" value="${value}" required></label>`;
  return html`<form method="post" action="/manage/faults/${name}" class="pair"><input type="hidden" name="on" value="yes">
    ${unit === '' ? '' : strength}
    <label class="field"><span>Minutes <i class="quiet">or endless</i></span><input name="minutes" type="number" min="1" max="1440"></label>
    <button class="button ghost" aria-label="Switch on: ${title}">Switch on</button></form>`;
}
