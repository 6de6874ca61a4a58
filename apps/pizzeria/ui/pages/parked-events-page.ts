// Events that were set aside because a reaction to them kept failing, to be offered again once the cause is mended.

import type { ParkedEvent } from '../../application/session.ts';
import { type Html, html } from '../html.ts';
import type { Page } from '../layout.ts';
import type { Visitor } from '../visitor.ts';
import { moment } from './moment.ts';
import { officeTabs } from './office-tabs.ts';

export function parkedEventsPage(events: readonly ParkedEvent[], visitor: Visitor, refusal?: string): Page {
  return {
    title: 'Events set aside',
    path: '/today',
    styles: ['office.css', 'forms.css'],
    scripts: ['local-times.js'],
    body: html`${officeTabs('/manage/events', visitor)}
<h1 class="page-title">Events set aside</h1>
<p class="lead">An event whose reaction keeps failing waits here instead of holding up the others. Mend the cause, then offer it again.</p>
${refusal === undefined ? '' : html`<p class="notice error" role="alert">${refusal}</p>`}
${events.length === 0 ? html`<p class="notice">None. Every event was handled.</p>` : html`<ul class="rows">${events.map(card)}</ul>`}`,
  };
}

function card({ position, type, attempts, lastError, raisedAtMs }: ParkedEvent): Html {
  return html`<li class="panel"><div class="row-head"><h2>${type}</h2>
    <form method="post" action="/manage/events/${position}/replay"><button class="button ghost small" aria-label="Offer again: ${type}, position ${position}">Offer again</button></form></div>
  <p class="quiet">Raised ${moment(raisedAtMs)}, tried ${attempts} times.</p>
  ${lastError === null ? '' : html`<p><code>${lastError}</code></p>`}</li>`;
}
