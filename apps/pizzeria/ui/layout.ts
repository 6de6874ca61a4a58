// The frame of every page: head, header, navigation, footer.

import type { Assets } from './assets.ts';
import { type Html, html } from './html.ts';
import { openRooms, type Visitor } from './visitor.ts';
import { type PageTelemetry, WEB_TELEMETRY } from './web-telemetry.ts';

export interface Page {
  readonly title: string;
  /** Which entry of the navigation is the current one. */
  readonly path: string;
  readonly body: Html;
  /** Scripts by their plain asset name; they run as modules after the page is parsed. */
  readonly scripts?: readonly string[];
  /** Style sheets beside the common one, by their plain asset name. */
  readonly styles?: readonly string[];
  /** Wide pages use the whole window, as a board on a wall does. */
  readonly wide?: boolean;
}

/** What the frame knows beside the page. */
export interface Frame {
  readonly visitor?: Visitor | undefined;
  readonly measured?: MeasuredPage | undefined;
}

/** What a page says about its own telemetry; the script that sends it reads this. */
export interface MeasuredPage {
  readonly telemetry: PageTelemetry;
  /** The route template, such as `/orders/{id}`. */
  readonly route: string;
}

/** A whole HTML document. */
export function layout(assets: Assets, page: Page, { visitor, measured }: Frame = {}): string {
  const styles = ['pizzeria.css', ...(page.styles ?? [])];
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="description" content="Wood-fired pizza, to your door in 45 minutes.">
<title>${page.title} · Mario’s Pizzeria</title>
<link rel="icon" type="image/svg+xml" href="${assets.url('favicon.svg')}">
${styles.map((name) => html`<link rel="stylesheet" href="${assets.url(name)}">\n`)}${measured === undefined ? '' : telemetryHead(assets, measured)}${(page.scripts ?? []).map((name) => html`<script type="module" src="${assets.url(name)}"></script>\n`)}</head>
<body class="${page.wide ? 'wide' : ''}">
<a class="skip" href="#main">Skip to the content</a>
<header class="masthead">
  <a class="wordmark" href="/"><img src="${assets.url('favicon.svg')}" alt="" width="34" height="34">Mario’s <span>Pizzeria</span></a>
  <nav aria-label="Main">${openRooms(visitor).map((room) => link(room, page.path))}${account(visitor, page.path)}</nav>
</header>
<main id="main" tabindex="-1">
${page.body}
</main>
<footer class="colophon">
  <p>Wood-fired since this morning. Every order can be watched, from the click to the door.</p>
  <p class="quiet">Prices include 8 % tax. Open until the dough runs out.</p>
</footer>
</body>
</html>`.text;
}

function link({ path, text }: { readonly path: string; readonly text: string }, current: string): Html {
  return path === current
    ? html`<a href="${path}" aria-current="page">${text}</a>`
    : html`<a href="${path}">${text}</a>`;
}

function account(visitor: Visitor | undefined, current: string): Html | '' {
  if (visitor === undefined) return '';
  const { principal } = visitor;
  return principal === undefined
    ? link({ path: '/login', text: 'Log in' }, current)
    : link({ path: '/account', text: principal.name }, current);
}

/** First of the scripts, so that the fetches of the others are seen. */
function telemetryHead(assets: Assets, { telemetry, route }: MeasuredPage): Html {
  const { otlpUrl, serviceName, serviceVersion } = telemetry;
  return html`<meta name="otlp-url" content="${otlpUrl}">
<meta name="otel-service-name" content="${serviceName}">
<meta name="otel-service-version" content="${serviceVersion}">
<meta name="otel-route" content="${route}">
<meta name="traceparent" content="${telemetry.traceparent() ?? ''}">
<script type="module" src="${assets.url(WEB_TELEMETRY)}"></script>
`;
}
